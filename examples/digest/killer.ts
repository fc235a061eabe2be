/**
 * The disaster of the demo: SIGKILLs a random worker again and again. Owns the choice of victim and moment, and the
 * count; how to react is the pool's business.
 */
import process from "node:process";
import type { Pool } from "reapool";

/**
 * No worker is killed before one has been ready for this long. If a start took longer than the time between two
 * kills, no work would ever be done.
 */
const PEACE_MS = 150;

export class Killer {
  /** The pids it has killed: any other death is the worker's own. */
  readonly victims: Set<number> = new Set();
  readonly #pool: Pick<Pool, "workers">;
  readonly #readySince = new Map<number, number>();
  #timer: NodeJS.Timeout | undefined;
  /** How many results there were at the last kill. */
  #resultsThen = 0;

  constructor(pool: Pick<Pool, "workers" | "on">) {
    this.#pool = pool;
    pool.on("ready", ({ worker: { pid } }) => {
      if (pid !== undefined) this.#readySince.set(pid, performance.now());
    });
    pool.on("exit", ({ worker: { pid } }) => {
      if (pid !== undefined) this.#readySince.delete(pid);
    });
  }

  /**
   * The first kill comes at once, so that even the shortest job sees a death. Each other waits until there are more results
   * than at the one before: on a busy machine nothing would ever be done otherwise.
   */
  start(every: number, countResults: () => number): void {
    this.#kill();
    this.#timer = setInterval(() => {
      const since = Math.min(...this.#readySince.values());
      const results = countResults();
      if (performance.now() - since < PEACE_MS || results === this.#resultsThen) return;
      this.#resultsThen = results;
      this.#kill();
    }, every);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  /** Picks any live worker: one that works, waits or has only begun to start. */
  #kill(): void {
    const pids = this.#pool.workers
      .filter(({ state }) => state === "busy" || state === "idle" || state === "starting")
      .map(({ pid }) => pid)
      .filter((pid) => pid !== undefined && !this.victims.has(pid));
    const pid = pids[Math.floor(Math.random() * pids.length)];
    if (pid === undefined) return;
    try {
      process.kill(pid, "SIGKILL");
      this.victims.add(pid);
    } catch {
      // it was gone before the signal came
    }
  }
}
