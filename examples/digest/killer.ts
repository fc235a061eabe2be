/**
 * The disaster of the demo: SIGKILLs a worker at random, again and again. Owns the choice of the victims and
 * of the moment, and their count; what the pool makes of it is the pool's business.
 */
import process from "node:process";
import type { Pool } from "@reapool/core";

/**
 * Nobody is killed before some worker has been ready for this long. Where a start takes longer than the time
 * between two kills, no work would ever be done.
 */
const PEACE_MS = 150;

export class Killer {
  /** The pids it has killed: a death that is not among them is a worker's own. */
  readonly victims: Set<number> = new Set();
  readonly #pool: Pick<Pool, "workers">;
  readonly #readySince = new Map<number, number>();
  #timer: NodeJS.Timeout | undefined;

  constructor(pool: Pick<Pool, "workers" | "on">) {
    this.#pool = pool;
    pool.on("ready", ({ worker: { pid } }) => {
      if (pid !== undefined) this.#readySince.set(pid, performance.now());
    });
    pool.on("exit", ({ worker: { pid } }) => {
      if (pid !== undefined) this.#readySince.delete(pid);
    });
  }

  /** Kills for the first time at once: even the shortest job sees a death. */
  start(every: number): void {
    this.#kill();
    this.#timer = setInterval(() => {
      const since = Math.min(...this.#readySince.values());
      if (performance.now() - since >= PEACE_MS) this.#kill();
    }, every);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  /** Any live worker will do: one that works, waits or has only begun to start. */
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
