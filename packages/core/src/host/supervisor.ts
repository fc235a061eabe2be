/**
 * Converges the number of workers to what is needed: keeps the minimum, grows with the queue, shrinks after
 * `idleTimeout`, replaces the dead. Level-triggered: `converge` compares what is with what should be, so no
 * event can be missed. Owns the slots and the restart policy's state; knows of tasks only how many wait.
 */
import { CrashLoopError } from "../errors.ts";
import { MAX_TIMER_MS, type OutputStream, type Timer } from "../port/runtime.ts";
import type { StopManner, StopReason } from "./machine.ts";
import { afterDeath, afterSuccess, permitted, UNTROUBLED } from "./restart-policy.ts";
import { type Headcount, openSeats, pickSlot, workersToStart } from "./scheduler.ts";
import { Slot, type SlotContext, type SlotOwner } from "./slot.ts";
import type { Task } from "./task.ts";
import { type Death, exitError, startError } from "./worker-death.ts";

export interface SupervisorOwner {
  /** How many tasks wait. */
  readonly queued: number;
  onStart(slot: Slot): void;
  onReady(slot: Slot): void;
  onOutcome(slot: Slot): void;
  onLine(slot: Slot, stream: OutputStream, line: string): void;
  onExit(slot: Slot, death: Death): void;
  /** These were sent to a worker and never began. */
  onUnstarted(tasks: readonly Task[]): void;
  /** The minimum can't be reached, and `error` says why; nor can what waits be served, where `isTotal`. */
  onHopeless(error: Error, isTotal: boolean): void;
  onBroken(error: CrashLoopError): void;
  onRecovered(): void;
}

export class Supervisor implements SlotOwner {
  /** Workers started in place of one that nobody had asked to go. */
  restarts = 0;

  readonly #context: Omit<SlotContext, "owner">;
  readonly #owner: SupervisorOwner;
  readonly #slots = new Map<number, Slot>();
  #policy = UNTROUBLED;
  /** Deaths whose place has not been filled again. */
  #vacancies = 0;
  #hasEverBeenReady = false;
  #keepsMinimum = true;
  #retry: Timer | undefined;
  #sweep: Timer | undefined;

  constructor(context: Omit<SlotContext, "owner">, owner: SupervisorOwner) {
    this.#context = context;
    this.#owner = owner;
  }

  get slots(): ReadonlyMap<number, Slot> {
    return this.#slots;
  }

  get hasMinimum(): boolean {
    return this.#count((slot) => slot.isReady) >= this.#context.options.minWorkers;
  }

  /** A ready slot with a free seat. */
  pick(): Slot | undefined {
    return pickSlot(this.#slots.values(), this.#context.options.concurrentTasksPerWorker);
  }

  /** How many more calls would not have to wait for another's end. */
  get openSeats(): number {
    return openSeats(this.#headcount(), this.#limits);
  }

  /** Starts what is missing, as far as the restart policy permits. */
  converge(): void {
    const wanted = workersToStart(this.#headcount(), this.#limits);
    if (wanted === 0) return;
    const { runtime } = this.#context.host;
    const starting = this.#count((slot) => slot.isStarting);
    const permits = permitted(this.#policy, wanted, starting, runtime.now());
    for (let i = 0; i < permits; i++) this.#start();
    if (permits === 0 && starting === 0) this.#retryLater();
  }

  /** From now on workers are started for tasks only. */
  dropMinimum(): void {
    this.#keepsMinimum = false;
  }

  stopAll(reason: StopReason, manner: StopManner): void {
    for (const slot of [...this.#slots.values()]) slot.stop(reason, manner);
  }

  /** Lets go of the timers; the slots end by themselves. */
  dispose(): void {
    this.#retry?.cancel();
    this.#sweep?.cancel();
  }

  onStart(slot: Slot): void {
    this.#owner.onStart(slot);
  }

  onReady(slot: Slot): void {
    this.#hasEverBeenReady = true;
    this.#owner.onReady(slot);
    this.#sweepLater();
    this.converge(); // in trouble the others waited for this one
  }

  onOutcome(slot: Slot): void {
    const { isBroken } = this.#policy;
    if (this.#policy.streak > 0 && slot.completed > 0) {
      this.#policy = afterSuccess(this.#policy, slot.startedAt);
      if (isBroken && !this.#policy.isBroken) this.#owner.onRecovered();
      this.converge();
    }
    this.#owner.onOutcome(slot);
    if (slot.occupied === 0) this.#sweepLater();
  }

  onLine(slot: Slot, stream: OutputStream, line: string): void {
    this.#owner.onLine(slot, stream, line);
  }

  onDead(slot: Slot, death: Death, unstarted: readonly Task[]): void {
    this.#slots.delete(slot.id);
    const isUnasked = death.reason === "crash" || death.reason === "start" || death.reason === "protocol";
    if (isUnasked) this.#vacancies++;
    this.#owner.onUnstarted(unstarted);
    if (isUnasked && slot.completed === 0) this.#onFruitless(slot, death);
    this.#owner.onExit(slot, death);
    this.converge();
  }

  /** A worker died that had completed nothing: the next may, or the module is bad. */
  #onFruitless(slot: Slot, death: Death): void {
    const { host, options, module } = this.#context;
    const { runtime } = host;
    const wasBroken = this.#policy.isBroken;
    this.#policy = afterDeath(this.#policy, options.restart, slot.startedAt, runtime.now(), Math.random());
    const error = death.wasReady ? exitError(death) : startError(death, module, options.startTimeout);
    if (!this.#policy.isBroken) {
      // Nobody has seen this module work: waiting calls learn at once why not, instead of after the retries.
      if (!this.#hasEverBeenReady && !this.#canServe) this.#owner.onHopeless(error, true);
      return;
    }
    const { intensity, period } = options.restart;
    const loop = new CrashLoopError(
      `Workers died more than ${intensity} times, in a row or within ${period} ms, without completing a task; ` +
        `the pool tries one again after each back-off. Last: ${error.message}`,
      { cause: error },
    );
    if (!wasBroken) this.#owner.onBroken(loop);
    this.#owner.onHopeless(loop, !this.#canServe);
  }

  /** A worker is there, or may yet be. */
  get #canServe(): boolean {
    return this.#count((slot) => slot.isStaying) > 0;
  }

  #start(): void {
    let id = 1;
    while (this.#slots.has(id)) id++;
    const slot = new Slot(id, { ...this.#context, owner: this });
    this.#slots.set(id, slot);
    if (this.#vacancies > 0) {
      this.#vacancies--;
      this.restarts++;
    }
    slot.start();
  }

  #retryLater(): void {
    const { runtime } = this.#context.host;
    this.#retry?.cancel();
    const wait = Math.max(0, Math.ceil(this.#policy.notBefore - runtime.now()));
    this.#retry = runtime.startTimer(Math.min(wait, MAX_TIMER_MS), () => this.converge());
  }

  /** One timer for all idle workers, armed only while one may have to leave: a busy pool pays nothing. */
  #sweepLater(): void {
    const { host, options } = this.#context;
    const { runtime } = host;
    if (this.#sweep !== undefined || options.idleTimeout === Number.POSITIVE_INFINITY) return;
    const idle = this.#surplus();
    if (idle.length === 0) return;
    const first = Math.min(...idle.map((slot) => slot.idleSince));
    const wait = Math.max(0, first + options.idleTimeout - runtime.now());
    this.#sweep = runtime.startTimer(Math.ceil(wait), () => {
      this.#sweep = undefined;
      const now = runtime.now();
      for (const slot of this.#surplus())
        if (now - slot.idleSince >= options.idleTimeout) slot.stop("idle", "ask");
      this.#sweepLater();
    });
  }

  /** Idle workers above the minimum, the ones to leave first in front. */
  #surplus(): Slot[] {
    const idle = [...this.#slots.values()].filter((slot) => slot.isReady && slot.occupied === 0).reverse();
    return idle.slice(
      0,
      Math.max(0, this.#count((slot) => slot.isStaying) - this.#context.options.minWorkers),
    );
  }

  get #limits() {
    const { options } = this.#context;
    const { maxWorkers, concurrentTasksPerWorker } = options;
    return { minWorkers: this.#keepsMinimum ? options.minWorkers : 0, maxWorkers, concurrentTasksPerWorker };
  }

  #headcount(): Headcount {
    const { concurrentTasksPerWorker } = this.#context.options;
    let freeSeats = 0;
    let staying = 0;
    for (const slot of this.#slots.values()) {
      if (!slot.isStaying) continue;
      staying++;
      freeSeats += concurrentTasksPerWorker - slot.occupied;
    }
    return { queued: this.#owner.queued, freeSeats, staying, live: this.#slots.size };
  }

  #count(matches: (slot: Slot) => boolean): number {
    let count = 0;
    for (const slot of this.#slots.values()) if (matches(slot)) count++;
    return count;
  }
}
