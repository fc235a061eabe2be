/** The messages between the command and the program in a runtime. */

export interface Order {
  readonly seed: number;
  readonly seconds: number;
  readonly from: number;
  /** Reports each input before trying it, to find one that never returns. */
  readonly isTraced: boolean;
  /** Only this input. */
  readonly input?: { readonly target: string; readonly hex: string };
}

export interface FoundHex {
  readonly target: string;
  readonly what: string;
  readonly index: number;
  readonly hex: string;
}

export type Told = { readonly at: number } | { readonly inputs: number; readonly found: readonly FoundHex[] };
