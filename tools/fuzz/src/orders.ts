/** What the command and the program in a runtime tell each other. */

export interface Order {
  readonly seed: number;
  readonly seconds: number;
  readonly from: number;
  /** Each input is told before it is tried: for what never returns. */
  readonly isTraced: boolean;
  /** This one alone. */
  readonly input?: { readonly target: string; readonly hex: string };
}

export interface FoundHex {
  readonly target: string;
  readonly what: string;
  readonly index: number;
  readonly hex: string;
}

export type Told = { readonly at: number } | { readonly inputs: number; readonly found: readonly FoundHex[] };
