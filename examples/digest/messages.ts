/** The messages between main.ts and its program in each runtime, as JSON: only types. */

export interface InputFile {
  /** Absolute. */
  readonly path: string;
  readonly bytes: number;
}

/** To the program: the first line of its stdin. The stream then stays open; its end means stop. */
export type ProgramRequest = ({ readonly type: "job" } & JobRequest) | { readonly type: "doomed host" };

export interface JobRequest {
  readonly files: readonly InputFile[];
  /** From 0, the fastest, to 11, the smallest. */
  readonly brotliQuality: number;
  readonly workers: number;
  /** Milliseconds between kills; null for no kills. */
  readonly killEvery: number | null;
}

/** From the program: one line of its stdout each. */
export type ProgramMessage =
  | { readonly type: "started"; readonly version: string }
  | ({ readonly type: "progress" } & JobProgress)
  | { readonly type: "finished"; readonly outcome: JobOutcome }
  /** Every worker of the doomed host is in the middle of its task. */
  | { readonly type: "at work" };

export interface JobProgress {
  /** With all their results. */
  readonly files: number;
  readonly tasks: number;
  readonly totalTasks: number;
  readonly kills: number;
}

export interface JobOutcome {
  /** With all their results and the right digest. */
  readonly files: number;
  readonly bytes: number;
  readonly lines: number;
  readonly brotliBytes: number;
  /** From the making of the pool to the end of its close. */
  readonly seconds: number;
  readonly kills: number;
  readonly restarts: number;
  readonly tasks: number;
  /** Submitted once more because the demo had killed their worker. */
  readonly tasksRunAgain: number;
  /** Tasks that never had a result. */
  readonly tasksLost: number;
  /** Files whose digest from a worker is not the one computed in the host process. */
  readonly wrongDigests: number;
  /** Dead children of the host process that had not been reaped after close; null where that can't be determined. */
  readonly zombies: number | null;
  /** Live processes of the pool, descendants in their groups included, after close; null likewise. */
  readonly processesLeft: number | null;
  /** What went wrong, in words; only the first few. */
  readonly problems: readonly string[];
}
