/**
 * Checks the resident memory of a worker that has tasks against the ceiling above which it is killed, and the limit above
 * which it is recycled. Checks once more after its last task; inactive while the worker is idle.
 */
import type { Runtime, Timer } from "../port/runtime.ts";
import { readMemory } from "../reaping/process-table.ts";

export interface MemoryLimits {
  /** In bytes; above it, the worker is killed. */
  readonly ceiling: number;
  /** In bytes; above it, the worker is replaced. */
  readonly recycle: number;
}

export interface MemoryEvents {
  pid(): number | undefined;
  isBusy(): boolean;
  onOverCeiling(bytes: number): void;
  onOverRecycle(): void;
}

/** A check reads one small file. A loop that allocates as fast as it can fills a gigabyte in a second. */
const CEILING_LOOK_MS = 100;
const RECYCLE_LOOK_MS = 1_000;

export class MemoryWatch {
  readonly #runtime: Runtime;
  readonly #limits: MemoryLimits;
  readonly #events: MemoryEvents;
  readonly #every: number;
  #timer: Timer | undefined;

  constructor(runtime: Runtime, limits: MemoryLimits, events: MemoryEvents) {
    this.#runtime = runtime;
    this.#limits = limits;
    this.#events = events;
    this.#every = Number.isFinite(limits.ceiling)
      ? CEILING_LOOK_MS
      : Number.isFinite(limits.recycle)
        ? RECYCLE_LOOK_MS
        : Number.POSITIVE_INFINITY;
  }

  /** The worker has been given a task. */
  begin(): void {
    if (this.#timer !== undefined || this.#every === Number.POSITIVE_INFINITY) return;
    this.#timer = this.#runtime.startTimer(this.#every, () => this.#look());
  }

  end(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  #look(): void {
    this.#timer = undefined;
    const pid = this.#events.pid();
    const memory = pid === undefined ? undefined : readMemory(this.#runtime, pid);
    if (memory !== undefined && memory > this.#limits.ceiling) {
      this.#events.onOverCeiling(memory);
      return;
    }
    if (memory !== undefined && memory > this.#limits.recycle) this.#events.onOverRecycle();
    if (this.#events.isBusy()) this.begin();
  }
}
