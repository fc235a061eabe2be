/** The messages from the hosts to the program that started them, as JSON: only types. */

/** The states of a worker when its host dies, in the order of the tables' columns. */
export const WORKER_STATES = ["idle", "timer", "busy", "trapped", "stopped", "scattered"] as const;
export type WorkerState = (typeof WORKER_STATES)[number];

/** A line of a host's stderr with this prefix is a message; any other comes from the runtime itself. */
export const MESSAGE_MARK = "@prove ";

export type HostMessage =
  /** The workers are up: pids by state. */
  | { readonly type: "matrix"; readonly workers: Readonly<Record<WorkerState, number>> }
  | { readonly type: "answer"; readonly sum: number }
  /** The pool is up and warm. */
  | { readonly type: "ready"; readonly workers: readonly number[] }
  | ({ readonly type: "deaths" } & DeathsOutcome)
  | ({ readonly type: "orphans" } & OrphansOutcome)
  | { readonly type: "unsupported"; readonly reason: string }
  | { readonly type: "closed" };

export interface DeathsOutcome {
  readonly deaths: number;
  readonly calls: number;
  /** Calls with the right result. */
  readonly answered: number;
  /** Calls whose worker was killed during them. */
  readonly rejected: number;
  /** A wrong result, another error, or the pool's own count is not ours: in words. */
  readonly wrong: readonly string[];
  readonly unsettled: number;
  readonly seconds: number;
  /** Of the host's event loop meanwhile, in ms. */
  readonly longestTurn: number;
}

export interface OrphansOutcome {
  /** Processes of the host's own, each of which left an orphan. */
  readonly own: number;
  /** As phrases: which code was expected and which was received. */
  readonly wrongCodes: readonly string[];
  /** Of the host's event loop meanwhile, in ms. */
  readonly longestTurn: number;
}
