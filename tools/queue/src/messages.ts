/** What this program and the processes it starts tell one another. Types, and the mark of a message among other output. */
import type { EngineKind } from "@reapool/engines";

export const MESSAGE_MARK = "@queue ";

/** What a process is given when it starts, as JSON in this variable of its environment. */
export const SETUP = "QUEUE_SETUP";
/** Where tasks note that they begin and end, and the name of the host they run for: inherited by every worker. */
export const LEDGER = "QUEUE_LEDGER";
export const HOST = "QUEUE_HOST";
/** A file: while it is there, the module of the comparison can't be imported. */
export const BROKEN = "QUEUE_BROKEN";

export interface Setup {
  readonly engine: EngineKind;
  readonly url: string;
  readonly queue: string;
  readonly jobs: number;
  readonly seed: number;
  /** Of each host. */
  readonly workers: number;
  readonly lockDuration: number;
  /** For a host of the comparison. */
  readonly trial?: Trial;
}

/** What a host of the comparison is, and which limits it sets, where it can. */
export interface Trial {
  readonly side: "sandbox" | "pool";
  /** In ms. */
  readonly timeout?: number;
  /** In bytes. */
  readonly memory?: number;
  readonly tasksPerProcess?: number;
  /** Takes no jobs before it is told to. */
  readonly isStandby?: boolean;
}

export type Message =
  /** A producer has prepared the engine; a host takes jobs. */
  | { readonly type: "ready" }
  /** What has become of the jobs, as the engine has it. */
  | { readonly type: "counts"; readonly completed: number; readonly failed: number }
  | { readonly type: "done"; readonly completed: readonly string[]; readonly failures: readonly Failure[] }
  /** What a command of the comparison came to. */
  | { readonly type: "answer"; readonly value: unknown };

export interface Failure {
  readonly job: string;
  readonly reason: string;
}
