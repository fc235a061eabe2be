/** The interface of a workload: the figures it yields, and how one contender runs through it in a fresh process. */
import type { Contender } from "../contenders/contender.ts";
import type { Entry } from "../contenders/names.ts";

export type Unit = "tasks/s" | "µs" | "ms" | "MB/s" | "%" | "bytes" | "MiB" | "count" | "×";

export interface Metric {
  readonly key: string;
  /** For people, within its workload. */
  readonly label: string;
  readonly unit: Unit;
  /** `"neither"` is reported for its own sake and has no winner. */
  readonly better: "lower" | "higher" | "neither";
}

export interface Size {
  readonly quick: boolean;
}

/** A missing figure, with its reason. */
export type Measured = Readonly<Record<string, number | { readonly skipped: string }>>;

export interface Workload {
  readonly name: string;
  /** One line for the table's head: what is done, and how to read it. */
  readonly about: string;
  readonly metrics: (size: Size) => readonly Metric[];
  /** Takes part in a quick run. */
  readonly isInQuick?: true;
  /** The contenders that take part; left out, all. */
  readonly admits?: (entry: Entry) => boolean;
  /** How long one process may take, in ms, if not the usual time. */
  readonly deadline?: number;
  /** Figures that exist before the end may be reported at once: the contender may not survive it. */
  readonly measure: (
    contender: Contender,
    size: Size,
    tell: (measured: Measured) => void,
  ) => Promise<Measured>;
}

/** Two workers: the reference machine has two cores. */
export const WORKERS = 2;
