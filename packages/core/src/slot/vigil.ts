/**
 * Watches a live worker: whether it responds, its memory, its age, how many tasks it has done. Owns the timers for these;
 * reports what it finds, and others decide what follows.
 */

import type { LoopWatch } from "../host/loop-watch.ts";
import type { RecycleLimits, ResolvedOptions } from "../options/pool-options.ts";
import type { Runtime, Timer } from "../port/runtime.ts";
import { Heartbeat } from "./heartbeat.ts";
import type { StopReason } from "./machine.ts";
import { MemoryWatch } from "./memory-watch.ts";
import { QuietWatch } from "./quiet-watch.ts";
import { randomLimits } from "./recycle-limits.ts";

export interface VigilEvents {
  pid(): number | undefined;
  isBusy(): boolean;
  ping(): void;
  /** Reads its journal; returns whether it had anything new. */
  look(): boolean;
  /** It must be killed. */
  onIntolerable(reason: StopReason, error?: Error): void;
  /** It has reached a limit of `recycle`. */
  onDue(): void;
  /** It has done twice the tasks of `recycle`, and must take no more. */
  onSpent(): void;
}

export interface VigilHost {
  readonly runtime: Runtime;
  readonly loop: LoopWatch;
}

export class Vigil {
  readonly #runtime: Runtime;
  readonly #events: VigilEvents;
  readonly #limits: RecycleLimits;
  readonly #quiet: QuietWatch;
  readonly #heartbeat: Heartbeat;
  readonly #memory: MemoryWatch;
  #age: Timer | undefined;

  constructor(
    { runtime, loop }: VigilHost,
    options: ResolvedOptions,
    memoryLimit: number,
    events: VigilEvents,
  ) {
    this.#runtime = runtime;
    this.#events = events;
    this.#limits = randomLimits(options.recycle, Math.random());
    this.#quiet = new QuietWatch(runtime, events);
    this.#heartbeat = new Heartbeat(loop, options.hangTimeout, {
      isBusy: () => events.isBusy(),
      ping: () => events.ping(),
      onHung: () => events.onIntolerable("hung"),
    });
    this.#memory = new MemoryWatch(
      runtime,
      { ceiling: memoryLimit, recycle: this.#limits.rss },
      {
        pid: () => events.pid(),
        isBusy: () => events.isBusy(),
        onOverCeiling: (bytes) => events.onIntolerable("memory", memoryError(bytes, memoryLimit)),
        onOverRecycle: () => events.onDue(),
      },
    );
  }

  /** Whether it may do this many tasks before it is due. */
  permits(tasks: number): boolean {
    return tasks <= this.#limits.tasks;
  }

  /** @param age In ms since its start. */
  onReady(age: number): void {
    if (!Number.isFinite(this.#limits.age)) return;
    this.#age = this.#runtime.startTimer(Math.max(0, this.#limits.age - age), () => this.#events.onDue());
  }

  /** It has been given a task. @param tasks How many so far, finished or not. */
  onTask(tasks: number): void {
    if (this.#limits.isExact && tasks >= this.#limits.tasks) this.#events.onSpent();
    this.#quiet.begin();
    this.#heartbeat.begin();
    this.#memory.begin();
  }

  /** It has sent something. */
  onHeard(): void {
    this.#quiet.heard();
    this.#heartbeat.heard();
  }

  /** @param tasks How many it has finished so far. */
  onFinished(tasks: number): void {
    if (tasks >= this.#limits.tasks) this.#events.onDue();
    if (tasks >= this.#limits.tasks * 2) this.#events.onSpent();
  }

  /** It is dead. */
  end(): void {
    this.#quiet.end();
    this.#heartbeat.end();
    this.#memory.end();
    this.#age?.cancel();
  }
}

function memoryError(bytes: number, limit: number): Error {
  const mebibytes = (value: number) => `${Math.round(value / 2 ** 20)} MiB`;
  return new Error(
    `It used ${mebibytes(bytes)} of memory, over its worker.limits.memory of ${mebibytes(limit)}`,
  );
}
