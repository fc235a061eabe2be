/**
 * The ledger of the job: how many tasks there are, have a result, were run again. Owns the rule of the demo: a task
 * whose worker the demo killed is submitted again; any other failure is final and reported.
 */
import { WorkerExitError } from "reapool";

/** Nothing fails this often by chance. */
const MAX_RUNS_AGAIN = 100;
const MAX_PROBLEMS = 5;
const WATCH_MS = 1_000;

export class TaskLedger {
  readonly total: number;
  runAgain = 0;
  /** The first few failures, in words. */
  readonly problems: string[] = [];
  readonly #victims: ReadonlySet<number>;
  #withResult = 0;
  #lastResultAt = performance.now();
  #watch: NodeJS.Timeout | undefined;

  /** @param victims The pids that the demo has killed; it may grow. */
  constructor(total: number, victims: ReadonlySet<number>) {
    this.total = total;
    this.#victims = victims;
  }

  get withResult(): number {
    return this.#withResult;
  }

  get lost(): number {
    return this.total - this.#withResult;
  }

  /** Runs one task until it has a result. Never rejects: undefined if no result will come. */
  async see<T>(file: string, submit: () => Promise<T>): Promise<T | undefined> {
    for (let runsAgain = 0; ; runsAgain++) {
      try {
        const result = await submit();
        this.#withResult++;
        this.#lastResultAt = performance.now();
        return result;
      } catch (error) {
        if (!this.#wasKilled(error) || runsAgain === MAX_RUNS_AGAIN) {
          this.#note(`${file}: ${error instanceof Error ? error.message : String(error)}`);
          return undefined;
        }
        this.runAgain++;
      }
    }
  }

  /**
   * Resolves when no task has had a result for this long, and notes it: nothing else reveals a promise that never
   * settles.
   */
  silence(ms: number): Promise<void> {
    return new Promise((resolve) => {
      this.#watch = setInterval(() => {
        if (performance.now() - this.#lastResultAt < ms) return;
        this.#note(`no task has had a result for ${ms / 1000} s`);
        resolve();
      }, WATCH_MS);
    });
  }

  /** Ends the watch. */
  close(): void {
    clearInterval(this.#watch);
  }

  #wasKilled(error: unknown): boolean {
    return error instanceof WorkerExitError && error.pid !== undefined && this.#victims.has(error.pid);
  }

  #note(problem: string): void {
    if (this.problems.length < MAX_PROBLEMS) this.problems.push(problem);
  }
}
