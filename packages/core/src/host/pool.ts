/**
 * The pool as its users see it: takes calls in, hands them to workers, tells what happens, closes. Owns the
 * queue and the counts; everything about workers is the supervisor's.
 *
 *     run -> encode -> Task -> Queue -> supervisor.pick() -> slot.run -> ... -> task.fulfil | task.fail
 */
import { type CrashLoopError, PoolClosedError, QueueFullError } from "../errors.ts";
import {
  type CloseOptions,
  type PoolOptions,
  type ResolvedOptions,
  type ResolvedRunOptions,
  type RunOptions,
  resolveCloseTimeout,
  resolveOptions,
  resolveRunOptions,
} from "../options.ts";
import type { OutputStream, Runtime } from "../port/runtime.ts";
import { encode } from "../wire/value.ts";
import { Closing } from "./closing.ts";
import { Events, type Listener, type PoolEvents } from "./events.ts";
import { HostProcess } from "./host-process.ts";
import { KeepAlive } from "./keep-alive.ts";
import { resolveModule } from "./module-url.ts";
import { Queue } from "./queue.ts";
import type { Slot } from "./slot.ts";
import { type PoolStats, sumOf, type WorkerState, type WorkerStats } from "./stats.ts";
import { Supervisor, type SupervisorOwner } from "./supervisor.ts";
import { type CancelCause, Task, type TaskOwner } from "./task.ts";
import type { Death } from "./worker-death.ts";

export class WorkerPool implements TaskOwner, SupervisorOwner {
  readonly #runtime: Runtime;
  readonly #options: ResolvedOptions;
  readonly #defaults: ResolvedRunOptions;
  readonly #queue = new Queue<Task>();
  readonly #supervisor: Supervisor;
  readonly #events = new Events();
  readonly #keepAlive: KeepAlive;
  readonly #releaseHost: () => Promise<void>;
  readonly #madeAt: number;
  #pending = 0;
  #completed = 0;
  #failed = 0;
  #readyWaiters: { resolve: () => void; reject: (error: Error) => void }[] = [];
  #closing: Closing | undefined;

  /** @throws TypeError or RangeError when the module or an option is wrong. */
  constructor(runtime: Runtime, module: string | URL, options: PoolOptions | undefined) {
    this.#runtime = runtime;
    this.#madeAt = runtime.now();
    const url = resolveModule(module);
    this.#options = resolveOptions(options, runtime);
    this.#defaults = resolveRunOptions(undefined, this.#options);
    this.#keepAlive = new KeepAlive(runtime);
    const host = HostProcess.of(runtime);
    this.#releaseHost = host.retain(this.#options.orphans);
    this.#supervisor = new Supervisor({ host, options: this.#options, module: url }, this);
    this.#supervisor.converge();
  }

  /** Never throws: whatever is wrong with a call rejects its promise. */
  run(name: string, args: readonly unknown[] = [], options?: RunOptions): Promise<unknown> {
    let task: Task;
    try {
      task = this.#accept(name, args, options);
    } catch (error) {
      return Promise.reject(error);
    }
    this.#pending++;
    this.#keepAlive.hold();
    this.#queue.push(task);
    this.#dispatch();
    return task.promise;
  }

  ready(): Promise<void> {
    if (this.#closing !== undefined) return Promise.reject(closedError("wait for workers"));
    if (this.#supervisor.hasMinimum) return Promise.resolve();
    this.#keepAlive.hold();
    const waiting = new Promise<void>((resolve, reject) => this.#readyWaiters.push({ resolve, reject }));
    return waiting.finally(() => this.#keepAlive.release());
  }

  on<E extends keyof PoolEvents>(event: E, listener: Listener<E>): () => void {
    return this.#events.on(event, listener);
  }

  get workers(): readonly WorkerStats[] {
    return [...this.#supervisor.slots.values()].map((slot) => slot.stats);
  }

  stats(): PoolStats {
    const { workers } = this;
    const inState = (wanted: WorkerState) => workers.filter(({ state }) => state === wanted).length;
    return {
      live: workers.length,
      starting: inState("starting"),
      idle: inState("idle"),
      busy: inState("busy"),
      stopping: inState("stopping"),
      pending: this.#pending,
      queued: this.#queue.size,
      running: this.#pending - this.#queue.size,
      submitted: this.#pending + this.#completed + this.#failed,
      completed: this.#completed,
      failed: this.#failed,
      restarts: this.#supervisor.restarts,
      uptime: Math.round(this.#runtime.now() - this.#madeAt),
      memory: sumOf(workers.map(({ memory }) => memory)),
      cpu: sumOf(workers.map(({ cpu }) => cpu)),
      workers,
    };
  }

  /** Finishes what was accepted, then stops the workers. At the deadline it stops waiting and kills. */
  close(options?: CloseOptions): Promise<void> {
    let timeout: number;
    try {
      timeout = resolveCloseTimeout(options);
    } catch (error) {
      return Promise.reject(error);
    }
    if (this.#closing !== undefined) return this.#closing.promise;
    const closing = this.#beginClosing();
    closing.escalate(timeout, {
      terminate: () => {
        this.#failPending(`was not finished when the pool was closed with a timeout of ${timeout} ms`);
        this.#supervisor.stopAll("closed", "terminate");
      },
      kill: () => this.#supervisor.stopAll("closed", "kill"),
    });
    this.#proceedClosing();
    return closing.promise;
  }

  /** Rejects what is pending and stops the workers now: SIGTERM, after `killTimeout` SIGKILL. */
  terminate(): Promise<void> {
    const closing = this.#closing ?? this.#beginClosing();
    this.#failPending("was not finished when the pool was terminated");
    this.#supervisor.stopAll("terminated", "terminate");
    closing.giveUpAfter(this.#options.killTimeout);
    this.#proceedClosing();
    return closing.promise;
  }

  // --- a call's way in and out ---

  #accept(name: string, args: readonly unknown[], options: RunOptions | undefined): Task {
    if (typeof name !== "string") throw new TypeError(`Expected the name of a task, received ${typeof name}`);
    if (this.#closing !== undefined) throw closedError(`run \`${name}\``);
    if (!Array.isArray(args)) {
      throw new TypeError(`Expected the arguments of \`${name}\` as an array, received ${typeof args}`);
    }
    const resolved = options === undefined ? this.#defaults : resolveRunOptions(options, this.#options);
    resolved.signal?.throwIfAborted();
    const encoded = encode(args, "args");
    const { maxQueue } = this.#options;
    // A call for which a seat is free, or can be made, does not wait: it is not in the way of others.
    if (maxQueue !== Number.POSITIVE_INFINITY && this.#supervisor.openSeats + maxQueue <= 0) {
      throw new QueueFullError(
        `Cannot run \`${name}\`: ${maxQueue} calls wait already (maxQueue); ` +
          "wait until some have settled, or raise `maxQueue`",
      );
    }
    return new Task(name, encoded, resolved, { owner: this, runtime: this.#runtime });
  }

  /** Hands out what waits, as far as there are seats, and asks for workers for the rest. */
  #dispatch(): void {
    while (this.#queue.size > 0) {
      const slot = this.#supervisor.pick();
      if (slot === undefined) {
        this.#supervisor.converge();
        return;
      }
      slot.run(this.#queue.shift() as Task);
    }
  }

  onCancel(task: Task, error: unknown, why: CancelCause): void {
    const isQueued = task.state === "queued";
    if (isQueued) this.#queue.remove(task);
    task.fail(error);
    if (isQueued) return;
    for (const slot of this.#supervisor.slots.values()) slot.abandon(task, error, why);
  }

  onSettled(_task: Task, isFulfilled: boolean): void {
    this.#pending--;
    if (isFulfilled) this.#completed++;
    else this.#failed++;
    this.#keepAlive.release();
    if (this.#closing !== undefined) this.#proceedClosing();
  }

  // --- what the supervisor reports ---

  get queued(): number {
    return this.#queue.size;
  }

  onStart(slot: Slot): void {
    this.#events.emit("start", { worker: slot.info });
  }

  onReady(slot: Slot): void {
    this.#events.emit("ready", { worker: slot.info });
    if (this.#supervisor.hasMinimum) {
      for (const { resolve } of this.#readyWaiters.splice(0)) resolve();
    }
    this.#dispatch();
    if (this.#closing !== undefined) this.#proceedClosing();
  }

  onOutcome(): void {
    this.#dispatch();
    if (this.#closing !== undefined) this.#proceedClosing();
  }

  onLine(slot: Slot, stream: OutputStream, line: string): void {
    this.#events.emit(stream, { worker: slot.info, line });
  }

  onUnstarted(tasks: readonly Task[]): void {
    for (const task of tasks.toReversed()) {
      task.returnToQueue();
      this.#queue.unshift(task);
    }
  }

  onExit(slot: Slot, { exit, reason, error }: Death): void {
    this.#events.emit("exit", { worker: slot.info, exit, reason, error });
    this.#dispatch();
    if (this.#closing !== undefined) this.#proceedClosing();
  }

  onHopeless(error: Error, isTotal: boolean): void {
    for (const { reject } of this.#readyWaiters.splice(0)) reject(error);
    if (isTotal) this.#failQueued(() => error);
  }

  onBroken(error: CrashLoopError): void {
    this.#events.emit("broken", { error });
  }

  onRecovered(): void {
    this.#events.emit("recovered", {});
  }

  // --- closing ---

  #beginClosing(): Closing {
    this.#closing = new Closing(this.#runtime, () => {
      this.#supervisor.dispose();
      return this.#releaseHost().then(() => this.#keepAlive.dispose());
    });
    this.#keepAlive.hold();
    this.#supervisor.dropMinimum();
    for (const { reject } of this.#readyWaiters.splice(0)) reject(closedError("wait for workers"));
    return this.#closing;
  }

  /** Each worker leaves as soon as there is nothing for it to do; the last one's exit is the end. */
  #proceedClosing(): void {
    if (this.#queue.size > 0) return;
    for (const slot of [...this.#supervisor.slots.values()]) {
      if (slot.isStaying && slot.occupied === 0) slot.stop("closed", "ask");
    }
    if (this.#pending === 0 && this.#supervisor.slots.size === 0) this.#closing?.finish();
  }

  #failPending(why: string): void {
    const errorOf = ({ name }: Task) => new PoolClosedError(`Task \`${name}\` ${why}`);
    for (const slot of this.#supervisor.slots.values()) {
      for (const task of slot.unsettled) task.fail(errorOf(task));
    }
    this.#failQueued(errorOf);
  }

  #failQueued(errorOf: (task: Task) => Error): void {
    for (let task = this.#queue.shift(); task !== undefined; task = this.#queue.shift()) {
      task.fail(errorOf(task));
    }
  }
}

function closedError(wish: string): PoolClosedError {
  return new PoolClosedError(`Cannot ${wish}: the pool is closed; create another with createPool()`);
}
