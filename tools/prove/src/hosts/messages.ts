/** What the hosts tell the program that started them, as JSON: types and nothing else. */

/** What a worker is at when its host dies, in the order of the tables' columns. */
export const WORKER_STATES = ["idle", "timer", "busy", "trapped", "stopped"] as const;
export type WorkerState = (typeof WORKER_STATES)[number];

/** A line of a host's stderr that begins so is a message; any other is a runtime's own. */
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
  /** With the right result. */
  readonly answered: number;
  /** Whose worker was killed under them. */
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
  /** In words: which code was expected and which came. */
  readonly wrongCodes: readonly string[];
  /** Of the host's event loop meanwhile, in ms. */
  readonly longestTurn: number;
}
