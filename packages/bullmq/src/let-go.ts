/**
 * When a worker has let go of a call that the pool gave up: its task has stopped, or its process is gone. Until then the
 * job must not go to anybody else.
 */
import type { Pool, WorkerInfo } from "@reapool/core";
import { sleep } from "./clock.ts";

const LOOK_MS = 25;

export class LetGo {
  readonly #pool: Pool;
  readonly #worker: WorkerInfo;
  /** It has let go when it has finished that many tasks. */
  readonly #finished: number;

  /** Make it as soon as the call is given up: what begins in the worker later must not be waited for. */
  constructor(pool: Pool, worker: WorkerInfo, concurrentTasksPerWorker: number) {
    this.#pool = pool;
    this.#worker = worker;
    const { finished, running } = this.#look() ?? worker;
    // Of several tasks nobody knows which ends first, so all of them must have.
    this.#finished = concurrentTasksPerWorker === 1 ? worker.finished + 1 : finished + running;
  }

  #look(): WorkerInfo | undefined {
    return this.#pool.workers.find(({ id, pid }) => id === this.#worker.id && pid === this.#worker.pid);
  }

  get isDone(): boolean {
    const seen = this.#look();
    return seen === undefined || seen.state === "gone" || seen.finished >= this.#finished;
  }

  async wait(): Promise<void> {
    while (!this.isDone) await sleep(LOOK_MS);
  }
}
