/**
 * The pool as its users see it: accepts calls, hands them to workers, emits events, closes. Owns how these work together;
 * the dispatcher owns what waits, the supervisor everything about workers.
 *
 *     run -> intake: encode, Task -> dispatcher: which slot -> slot.run -> ... -> task.fulfil | task.fail
 */

import { rejectNamed } from "../call-site.ts";
import { Dispatcher } from "../dispatch/dispatcher.ts";
import type { CrashLoopError } from "../errors.ts";
import { HostProcess } from "../host/host-process.ts";
import type {
  BroadcastOptions,
  CallOptions,
  MapOptions,
  ResolvedRunOptions,
  RunOptions,
} from "../options/call-options.ts";
import {
  type CloseOptions,
  type PoolOptions,
  type ResolvedOptions,
  resolveClose,
  resolveNewSize,
  resolveOptions,
} from "../options/pool-options.ts";
import type { OutputStream, Runtime } from "../port/runtime.ts";
import type { WorkerStats } from "../port/worker-info.ts";
import { type Death, endError, type LostTask, whyItEnded } from "../slot/death.ts";
import type { Slot } from "../slot/slot.ts";
import { Supervisor, type SupervisorOwner } from "../supervision/supervisor.ts";
import type { Outcome } from "../task/request.ts";
import { RunTimes } from "../task/run-times.ts";
import { openStream } from "../task/stream.ts";
import type { Task } from "../task/task.ts";
import type { TaskOwner } from "../task/task-context.ts";
import { CallFlag } from "../wire/frame.ts";
import { Broadcaster } from "./broadcaster.ts";
import { Closing } from "./closing.ts";
import { Events, type Listener, type PoolEvents } from "./events.ts";
import { HeardOutput } from "./heard-output.ts";
import { closedError, Intake } from "./intake.ts";
import { KeepAlive } from "./keep-alive.ts";
import { Ledger } from "./ledger.ts";
import { openMap } from "./map-calls.ts";
import { resolveModule } from "./module-url.ts";
import { type PoolStats, poolStats } from "./stats.ts";
import { assertSendable } from "./worker-data.ts";

type Items = AsyncIterableIterator<unknown, unknown, undefined>;

export class WorkerPool implements TaskOwner<Task>, SupervisorOwner {
  readonly #runtime: Runtime;
  readonly #options: ResolvedOptions;
  readonly module: string;
  readonly #supervisor: Supervisor;
  readonly #dispatcher: Dispatcher;
  readonly #intake: Intake;
  readonly #events: Events;
  readonly #keepAlive: KeepAlive;
  readonly #ledger: Ledger;
  readonly #broadcaster: Broadcaster;
  readonly #releaseHost: () => Promise<void>;
  readonly #madeAt: number;
  #readyWaiters: { resolve: () => void; reject: (error: Error) => void }[] = [];
  #closing: Closing | undefined;

  /** @throws TypeError or RangeError when the module or an option is invalid, UnsupportedError when an option can't be met, SerializationError for `worker.data`. */
  constructor(runtime: Runtime, module: string | URL, options: PoolOptions | undefined) {
    this.#runtime = runtime;
    this.#madeAt = runtime.now();
    this.#events = new Events((message) => runtime.warn(message));
    const url = resolveModule(module);
    this.module = url;
    this.#options = resolveOptions(options, runtime);
    assertSendable(this.#options.sameWorker?.data);
    this.#keepAlive = new KeepAlive(runtime);
    const host = HostProcess.of(runtime);
    const release = host.retain(this.#options.orphans);
    const forget = this.#options.closeOnSignals ? host.stopSignals.add(this) : () => {};
    this.#releaseHost = () => release().then(forget);
    const runTimes = new RunTimes();
    const trace = host.trace?.pool(url);
    this.#ledger = new Ledger(this.#keepAlive, {
      clock: runtime,
      events: this.#events,
      trace,
      onIdle: () => this.#closing?.proceed(),
    });
    const output = new HeardOutput(() => this.#supervisor.slots);
    const shared = { host, options: this.#options, module: url, runTimes, ahead: { count: 0 }, trace };
    this.#supervisor = new Supervisor({ ...shared, output }, this);
    const lookout = { prefetch: this.#options.prefetch, runTimes, clock: host.clock };
    this.#dispatcher = new Dispatcher(this.#options, this.#supervisor, lookout, {
      onFull: () => this.#events.emit("needsDrain", {}),
      onEmpty: () => this.#events.emit("drain", {}),
    });
    this.#intake = new Intake({
      runtime,
      loop: host.loop,
      clock: host.clock,
      defaults: this.#options,
      owner: this,
      ledger: this.#ledger,
      dispatcher: this.#dispatcher,
      output,
      trace,
    });
    this.#broadcaster = new Broadcaster(this.#intake, this.#dispatcher, this.#supervisor, this.#events);
    this.#supervisor.converge();
  }

  // --- the path of a call ---

  /** Never throws: anything wrong with a call rejects its promise. */
  run(name: string, args: readonly unknown[] = [], options?: RunOptions): Promise<unknown> {
    const { promise, resolve: fulfil } = Promise.withResolvers<unknown>(); // no closure, whose scope is made for each call
    const outcome: Outcome = { fulfil, fail: undefined, lost: undefined, item: undefined };
    try {
      this.#submit(name, args, this.#intake.resolve(options, args), outcome);
    } catch (error) {
      rejectNamed(outcome, error);
    }
    return promise;
  }

  /** In: the call becomes a task, or this throws. It waits until a worker has room for it, or can be started. */
  #submit(
    name: string,
    args: readonly unknown[],
    options: ResolvedRunOptions,
    outcome: Outcome,
    flag?: number,
  ): Task {
    const task = this.#intake.accept(name, args, options, outcome, flag);
    this.#dispatcher.add(task);
    return task;
  }

  /** On: a worker has answered, and can take more. Its task has settled already. */
  onCapacity(slot: Slot): void {
    this.#dispatcher.onCapacity(slot);
    this.#closing?.proceed();
  }

  /** Back: their worker died before they began. */
  onUnstarted(tasks: readonly Task[]): void {
    this.#dispatcher.takeBack(tasks);
  }

  /** Aside: it failed and is retried once its back-off is over. */
  onResting(task: Task): void {
    this.#dispatcher.rest(task);
  }

  onRested(task: Task): void {
    this.#dispatcher.rested(task);
  }

  /** Away: it was aborted, or timed out. */
  onWithdrawn(task: Task): void {
    this.#dispatcher.withdraw(task);
    this.#closing?.proceed();
  }

  // Out: the task settles its caller's promise, and tells the ledger.

  onRetry({ name, key, workerId, retries }: Task, error: unknown): void {
    this.#events.emit("retry", { name, key, workerId, retry: retries + 1, error });
  }

  onForeignError(error: unknown, where: string): void {
    this.#events.report(error, where);
  }

  // --- other kinds of call ---

  /** Never throws, and does nothing before the first `next()`. */
  stream(name: string, args: readonly unknown[] = [], options?: CallOptions): Items {
    return openStream((outcome) => {
      const call = this.#intake.resolveCall(options, args);
      return this.#submit(name, args, call, outcome, CallFlag.Stream);
    }, this.#keepAlive);
  }

  /** @throws TypeError or RangeError when the source or an option is invalid. */
  map(name: string, source: unknown, options?: MapOptions): Items {
    return openMap(name, source, options, {
      intake: this.#intake,
      runtime: this.#runtime,
      capacity: this.#supervisor.limits.maxWorkers * this.#options.concurrentTasksPerWorker,
      submit: (args, run, outcome, flag) => this.#submit(name, args, run, outcome, flag),
    });
  }

  async broadcast(
    name: string,
    args: readonly unknown[] = [],
    options?: BroadcastOptions,
  ): Promise<unknown[]> {
    return this.#broadcaster.make(name, args, options);
  }

  ready(): Promise<void> {
    if (this.#closing !== undefined) return Promise.reject(closedError("wait for workers"));
    if (this.#supervisor.hasMinimum) return Promise.resolve();
    return this.#keepAlive.during(
      new Promise<void>((resolve, reject) => this.#readyWaiters.push({ resolve, reject })),
    );
  }

  on<E extends keyof PoolEvents>(event: E, listener: Listener<E>): () => void {
    return this.#events.on(event, listener);
  }

  get workers(): readonly WorkerStats[] {
    return this.#supervisor.slots.map((slot) => slot.stats);
  }

  stats(): PoolStats {
    const { pending, submitted, completed, failed } = this.#ledger;
    const { ahead, restarts } = this.#supervisor;
    const queued = this.#dispatcher.size + ahead;
    const calls = { pending, queued, running: pending - queued, submitted, completed, failed };
    const uptime = Math.round(this.#runtime.now() - this.#madeAt);
    return poolStats(this.workers, this.#supervisor.limits, { ...calls, restarts, uptime });
  }

  get needsDrain(): boolean {
    return this.#dispatcher.isFull;
  }

  /** Rejects with a TypeError or RangeError for an invalid size. */
  async resize(maxWorkers: number): Promise<void> {
    const size = resolveNewSize(maxWorkers);
    if (this.#closing !== undefined) throw closedError("resize it");
    const resized = this.#supervisor.resize(size);
    this.#resolveReady();
    this.#dispatcher.dispatch();
    return this.#keepAlive.during(resized);
  }

  async restart(): Promise<void> {
    if (this.#closing !== undefined) throw closedError("restart its workers");
    return this.#keepAlive.during(this.#supervisor.restart());
  }

  /** Finishes what was accepted, then stops the workers. At the deadline it stops waiting and kills. */
  close(options?: CloseOptions): Promise<void> {
    let resolved: ReturnType<typeof resolveClose>;
    try {
      resolved = resolveClose(options);
    } catch (error) {
      return Promise.reject(error);
    }
    const isFirst = this.#closing === undefined;
    const closing = this.#closing ?? this.#beginClosing();
    if (resolved.waiting === "reject") closing.rejectWaiting();
    if (isFirst) closing.finishBy(resolved.timeout);
    return closing.promise;
  }

  /** Rejects what is pending and stops the workers now. */
  terminate(): Promise<void> {
    const closing = this.#closing ?? this.#beginClosing();
    closing.terminate(this.#options.killTimeout);
    return closing.promise;
  }

  // --- what the supervisor reports ---

  get queued(): number {
    return this.#dispatcher.shared;
  }

  onStart(slot: Slot): void {
    this.#events.emit("start", { worker: slot.info });
  }

  onWarming(slot: Slot): void {
    this.#broadcaster.warm(slot);
  }

  onReady(slot: Slot): void {
    this.#events.emit("ready", { worker: slot.info });
    this.#resolveReady();
    this.#dispatcher.onReady(slot);
    this.#closing?.proceed();
  }

  /** Call whenever the minimum may have been reached. */
  #resolveReady(): void {
    if (this.#readyWaiters.length === 0 || !this.#supervisor.hasMinimum) return;
    for (const { resolve } of this.#readyWaiters.splice(0)) resolve();
  }

  onRetired(slot: Slot): void {
    this.#dispatcher.release(slot);
    this.#dispatcher.dispatch();
  }

  onOutput(slot: Slot, stream: OutputStream, output: string | Uint8Array): void {
    this.#events.emitOutput(stream, slot.info, output);
  }

  onExit(slot: Slot, death: Death, tasks: readonly LostTask[]): void {
    const { exit, reason } = death;
    const error = endError(death, tasks, this.module, this.#options.startTimeout);
    const likelyCause = whyItEnded(death);
    this.#events.emit("exit", { worker: slot.info, exit, reason, error, likelyCause, tasks });
    this.#dispatcher.release(slot);
    this.#dispatcher.handOut();
    this.#closing?.proceed();
  }

  onHopeless(error: Error, isTotal: boolean): void {
    for (const { reject } of this.#readyWaiters.splice(0)) reject(error);
    if (isTotal) this.#dispatcher.failAll(() => error);
  }

  onBroken(error: CrashLoopError): void {
    this.#events.emit("broken", { error });
  }

  onRecovered(): void {
    this.#events.emit("recovered", {});
  }

  // --- the end ---

  #beginClosing(): Closing {
    this.#intake.isClosed = true;
    this.#closing = new Closing({
      watch: HostProcess.of(this.#runtime).loop,
      dispatcher: this.#dispatcher,
      supervisor: this.#supervisor,
      ledger: this.#ledger,
      onFinished: () => {
        this.#supervisor.dispose();
        return this.#releaseHost().then(() => this.#keepAlive.dispose());
      },
    });
    this.#keepAlive.hold();
    this.#supervisor.dropMinimum();
    for (const { reject } of this.#readyWaiters.splice(0)) reject(closedError("wait for workers"));
    return this.#closing;
  }
}
