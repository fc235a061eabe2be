/** What a workload is: which figures it yields, and how one contender is put through it in a fresh process. */
import type { Contender } from "../contenders/contender.ts";
import type { Entry } from "../contenders/names.ts";

export type Unit = "tasks/s" | "µs" | "ms" | "MB/s" | "%" | "bytes" | "MiB" | "count" | "×";

export interface Metric {
  readonly key: string;
  /** For people, within its workload. */
  readonly label: string;
  readonly unit: Unit;
  /** `"neither"` is told for its own sake and has no winner. */
  readonly better: "lower" | "higher" | "neither";
}

export interface Size {
  readonly quick: boolean;
}

/** A figure that could not be had says why. */
export type Measured = Readonly<Record<string, number | { readonly skipped: string }>>;

export interface Workload {
  readonly name: string;
  /** One line for the table's head: what is done, and how it is to be read. */
  readonly about: string;
  readonly metrics: (size: Size) => readonly Metric[];
  /** Who takes part; left out, everybody. */
  readonly admits?: (entry: Entry) => boolean;
  /** What one process may take, in ms, when not the usual. */
  readonly deadline?: number;
  /** Figures that are there before the end may be told at once: the contender may not live to see it. */
  readonly measure: (
    contender: Contender,
    size: Size,
    tell: (measured: Measured) => void,
  ) => Promise<Measured>;
}

/** Two of everything: the machine that is meant has two cores. */
export const WORKERS = 2;
