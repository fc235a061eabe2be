/**
 * Converges the number of workers to what is needed: keeps the minimum and the reserve, grows with the queue, shrinks
 * after `idleTimeout`, replaces workers that are dead or due. Level-triggered: `converge` compares the actual state with
 * the wanted one, so no event can be missed. Owns the slots, the restart policy's state, and that waiting calls reject at
 * once where a module has never worked; of tasks it knows only how many wait.
 */
import type { CrashLoopError } from "../errors.ts";
import { MAX_TIMER_MS, type OutputStream, STOP_SIGNALS, type Timer } from "../port/runtime.ts";
import { crashLoop, type Death, exitError, type LostTask, startError } from "../slot/death.ts";
import type { StopManner, StopReason } from "../slot/machine.ts";
import { Slot } from "../slot/slot.ts";
import type { EndOfWork, SlotContext, SlotOwner } from "../slot/slot-context.ts";
import type { Task } from "../task/task.ts";
import { IdleSweep } from "./idle-sweep.ts";
import {
  freeCapacity,
  type Headcount,
  type Limits,
  limitsOf,
  plan,
  restingWorkers,
  wantedWorkers,
} from "./plan.ts";
import { afterDeath, afterSuccess, permitted, UNTROUBLED } from "./restart-policy.ts";
import { RollingRestart } from "./rolling-restart.ts";
import { Slots } from "./slots.ts";

/**
 * Delay before the reserve is refilled, in ms: spawning a process blocks the host's loop for some milliseconds, and answers
 * of the spare that has replaced the dead worker should be read first.
 */
const REFILL_MS = 10;

/** Reasons of ends that the application did not ask for. */
const UNEXPECTED = new Set<StopReason>(["crash", "start", "protocol", "hung", "memory", "lease"]);

export interface SupervisorOwner {
  /** Waiting tasks that any worker may take. */
  readonly queued: number;
  onStart(slot: Slot): void;
  onWarming(slot: Slot): void;
  onReady(slot: Slot): void;
  /** A worker has answered: it can take more. */
  onCapacity(slot: Slot): void;
  onForeignError(error: unknown, where: string): void;
  onOutput(slot: Slot, stream: OutputStream, output: string | Uint8Array): void;
  onRetired(slot: Slot): void;
  onExit(slot: Slot, death: Death, lost: readonly LostTask[]): void;
  /** These tasks were sent to a worker that died before they began. */
  onUnstarted(tasks: readonly Task[]): void;
  /** The minimum can't be reached; `error` says why. `isTotal`: waiting tasks can't be served either. */
  onHopeless(error: Error, isTotal: boolean): void;
  onBroken(error: CrashLoopError): void;
  onRecovered(): void;
}

export class Supervisor implements SlotOwner<Slot> {
  /** Workers started to replace one that ended unexpectedly. */
  restarts = 0;

  readonly #context: Omit<SlotContext<Slot>, "owner">;
  readonly #owner: SupervisorOwner;
  readonly #slots = new Slots<Slot>();
  #policy = UNTROUBLED;
  /** Unexpected deaths not yet followed by a new start. */
  #vacancies = 0;
  /** Exports of the last worker that became ready. */
  #exports: readonly string[] | undefined;
  #keepsMinimum = true;
  /** Workers that retired before their replacement could be started. */
  #owed = 0;
  /** Changed by `resize` and by closing; read for each call. */
  #limits: Limits;
  #restart: RollingRestart | undefined;
  #shrinking: { readonly to: number; readonly resolve: () => void }[] = [];
  #retry: Timer | undefined;
  readonly #sweep: IdleSweep;
  #refill: Timer | undefined;

  constructor(context: Omit<SlotContext<Slot>, "owner">, owner: SupervisorOwner) {
    this.#context = context;
    this.#owner = owner;
    this.#limits = limitsOf(context.options, context.options.maxWorkers);
    const { runtime } = context.host;
    this.#sweep = new IdleSweep(runtime, context.options.idleTimeout, () => this.#surplus());
  }

  get slots(): readonly Slot[] {
    return this.#slots.list;
  }

  get hasMinimum(): boolean {
    return this.#slots.count((slot) => slot.isReady) >= this.#limits.minWorkers;
  }

  /** Whether another worker may be started. */
  get hasRoom(): boolean {
    return this.#slots.size < this.#limits.maxWorkers;
  }

  get hasReserve(): boolean {
    return this.#limits.activeSlots < this.#limits.maxWorkers;
  }

  /** Whether one more worker may become busy without using up the reserve. */
  get mayWake(): boolean {
    return this.#slots.busy < this.#limits.activeSlots;
  }

  get limits(): Limits {
    return this.#limits;
  }

  /** Calls that wait in workers. */
  get ahead(): number {
    return this.#context.ahead.count;
  }

  /** The names of the worker module's tasks; undefined until a worker has been ready. */
  get exports(): readonly string[] | undefined {
    return this.#exports;
  }

  /** How many more calls could start without waiting for another to end. */
  get freeCapacity(): number {
    return freeCapacity(this.#headcount(), this.#limits);
  }

  /** Starts missing workers, as far as the restart policy permits; retires those that are surplus or due. */
  converge(): void {
    const { start, isReplacement, tooMany, retireDue } = plan(this.#headcount(), this.#limits);
    if (start > 0) this.#startWorkers(start, isReplacement);
    if (tooMany + retireDue === 0) return; // nearly always, and for each call that waits
    const leaving = this.#leaving();
    for (const slot of leaving.slice(0, tooMany)) slot.retire("resized");
    for (const slot of leaving.filter(({ isToBeReplaced }) => isToBeReplaced).slice(0, retireDue)) {
      slot.retire(slot.due as StopReason);
    }
  }

  /** Changes the maximum. Resolves when there are no more workers than that. */
  resize(maxWorkers: number): Promise<void> {
    this.#limits = limitsOf(this.#context.options, maxWorkers);
    this.converge();
    this.#sweep.arm();
    return new Promise((resolve) => {
      this.#shrinking.push({ to: maxWorkers, resolve });
      this.#onGone(); // this also resolves waits for a size that no longer applies
    });
  }

  /** Replaces every worker. Rejects when a replacement can't be started; the remaining old workers then stay. */
  restart(): Promise<void> {
    const old = this.#slots.list.filter((slot) => slot.isStaying);
    this.#restart ??= new RollingRestart();
    const { promise } = this.#restart;
    this.#restart.add(old);
    for (const slot of old) slot.makeDue("restarted");
    this.#onGone();
    return promise;
  }

  /** From now on, workers are started for tasks only. */
  dropMinimum(): void {
    this.#keepsMinimum = false;
    this.#limits = { ...this.#limits, minWorkers: 0, activeSlots: this.#limits.maxWorkers };
    this.#owed = 0;
    for (const slot of this.#slots.list) slot.keep(); // all of them leave anyway
  }

  stopAll(reason: StopReason, manner: StopManner): void {
    for (const slot of this.#slots.list) slot.stop(reason, manner);
  }

  /** Cancels the timers; the slots end by themselves. */
  dispose(): void {
    this.#retry?.cancel();
    this.#sweep.cancel();
    this.#refill?.cancel();
  }

  onChanged(slot: Slot): void {
    this.#slots.touch(slot);
  }

  onStart(slot: Slot): void {
    this.#context.trace?.started(slot.id, slot.pid);
    this.#owner.onStart(slot);
  }

  onRetired(slot: Slot): void {
    if (slot.due !== undefined && slot.retired !== "resized") this.#countReplacement();
    this.#owner.onRetired(slot);
  }

  /** A worker that was due is retiring: its replacement becomes an ordinary worker, or must still be started. */
  #countReplacement(): void {
    const replacements = this.#slots.list.filter(({ isReplacement }) => isReplacement);
    const replacement = replacements.find(({ isReady }) => isReady) ?? replacements[0];
    if (replacement === undefined) this.#owed++;
    else replacement.promote();
  }

  onDue(slot: Slot): void {
    if (this.#keepsMinimum) this.converge();
    else slot.keep(); // it leaves anyway
  }

  onWarming(slot: Slot): void {
    this.#exports = slot.exports;
    this.#owner.onWarming(slot);
  }

  onReady(slot: Slot): void {
    this.#owner.onReady(slot);
    this.#sweep.arm();
    this.converge(); // after a counted death, the others waited for this one
  }

  onOutcome(slot: Slot): void {
    const { isBroken } = this.#policy;
    if (this.#policy.streak > 0 && slot.completed > 0) {
      this.#policy = afterSuccess(this.#policy, slot.startedAt);
      if (isBroken && !this.#policy.isBroken) this.#owner.onRecovered();
      this.converge();
    }
    this.#owner.onCapacity(slot);
    if (slot.occupied === 0) this.#sweep.arm();
  }

  onRefused(error: Error): void {
    this.#owner.onForeignError(error, "a signal to a worker");
  }

  onOutput(slot: Slot, stream: OutputStream, output: string | Uint8Array): void {
    this.#owner.onOutput(slot, stream, output);
  }

  onDead(slot: Slot, death: EndOfWork, unstarted: readonly Task[]): void {
    this.#slots.remove(slot);
    const isUnexpected = UNEXPECTED.has(death.reason);
    if (isUnexpected) this.#vacancies++;
    this.#owner.onUnstarted(unstarted);
    // If a task was running, it is to blame, and its call has rejected. An idle worker that has completed a task has proved itself.
    const hasServed = death.wasWarm && (death.ranTask || slot.completed > 0);
    if (isUnexpected && !hasServed && !this.#isOfStop(death)) this.#onFruitless(slot, death);
    this.#owner.onExit(slot, death, death.lost);
    if (this.hasReserve && this.#owner.queued === 0) this.#refillLater();
    else this.converge();
    this.#onGone(slot);
  }

  /** The signal that stops the host was sent to its whole tree, and came before the worker could hold it. */
  #isOfStop({ wasWarm, exit }: Death): boolean {
    const { isStopping } = this.#context.host.stopSignals;
    return isStopping && !wasWarm && (STOP_SIGNALS as readonly (string | null)[]).includes(exit.signal);
  }

  #onGone(slot?: Slot): void {
    if (this.#restart?.onGone(slot) === true) this.#restart = undefined;
    this.#shrinking = this.#shrinking.filter(({ to, resolve }) => {
      if (this.#slots.size > Math.max(to, this.#limits.maxWorkers)) return true;
      resolve();
      return false;
    });
  }

  /** Its slot stays as it is: only who listens to events is told of each process. */
  onMoved(slot: Slot, death: Death): void {
    this.#owner.onExit(slot, death, []);
  }

  /** A worker died before it was ready, or idle without having completed a call: the next may do better, or the module is broken. */
  #onFruitless(slot: Slot, death: Death): void {
    const { host, options, module } = this.#context;
    const { runtime } = host;
    const wasBroken = this.#policy.isBroken;
    this.#policy = afterDeath(this.#policy, options.restart, slot.startedAt, runtime.now(), Math.random());
    const error = death.wasWarm ? exitError(death) : startError(death, module, options.startTimeout);
    this.#restart?.fail(error);
    this.#restart = undefined;
    if (!this.#policy.isBroken) {
      // The module has never worked: waiting calls reject at once with the cause, not after all restarts.
      if (this.#exports === undefined && !this.#canServe) this.#owner.onHopeless(error, true);
      return;
    }
    const loop = crashLoop(error, options.restart);
    if (!wasBroken) this.#owner.onBroken(loop);
    this.#owner.onHopeless(loop, !this.#canServe);
  }

  /** There is a worker, or one may still become ready. */
  get #canServe(): boolean {
    return this.#slots.count((slot) => slot.isStaying) > 0;
  }

  #startWorkers(wanted: number, isReplacement: boolean): void {
    const { runtime } = this.#context.host;
    // A worker is on trial until it is warm or dead. If another started before that, the pool would never find that none can serve.
    const starting = this.#slots.count((slot) => !slot.isWarm);
    const permits = permitted(this.#policy, wanted, starting, runtime.now());
    for (let i = 0; i < permits; i++) this.#start(isReplacement);
    if (permits === 0 && starting === 0) this.#retryLater();
  }

  #start(isReplacement: boolean): void {
    const slot = new Slot(this.#slots.freeId, { ...this.#context, owner: this }, isReplacement);
    if (this.#owed > 0) this.#owed--;
    this.#slots.add(slot);
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

  #refillLater(): void {
    this.#refill ??= this.#context.host.runtime.startTimer(REFILL_MS, () => {
      this.#refill = undefined;
      this.converge();
    });
  }

  /** Idle workers that are not needed, in the order in which they should leave. */
  #surplus(): Slot[] {
    if (this.#slots.size <= restingWorkers(this.#limits)) return []; // before looking at each worker, as this is called for a call
    const idle = this.#slots.list.filter((slot) => slot.isReady && slot.occupied === 0).reverse();
    const count = this.#headcount();
    return idle.slice(0, Math.max(0, count.staying - wantedWorkers({ ...count, queued: 0 }, this.#limits)));
  }

  /** Staying workers, cheapest to lose first: starting, idle, busy. */
  #leaving(): Slot[] {
    const cost = (slot: Slot) => (slot.isStarting ? 0 : slot.occupied + 1);
    return this.#slots.list.filter((slot) => slot.isStaying).sort((a, b) => cost(a) - cost(b));
  }

  #headcount(): Headcount {
    return this.#slots.headcount({ queued: this.#owner.queued, owed: this.#owed });
  }
}
