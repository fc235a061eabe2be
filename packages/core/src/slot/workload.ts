/**
 * What one worker has been given to do: sends it calls, settles them by its answers, tells it what was given up. Owns
 * its counts and the bookkeeping of calls; whether the worker lives on is decided by whoever hears the events.
 */
import { ProtocolError } from "../errors.ts";
import { limitOf } from "../host/limit.ts";
import type { LoopWatch } from "../host/loop-watch.ts";
import type { ResolvedOptions } from "../options/pool-options.ts";
import type { Runtime } from "../port/runtime.ts";
import { jsonOnly, unknownTask } from "../task/call-errors.ts";
import type { CancelCause } from "../task/request.ts";
import type { RunTimes } from "../task/run-times.ts";
import type { Task } from "../task/task.ts";
import { encodeThrown, isJson, letGoOf } from "../wire/value.ts";
import { Assignments } from "./assignments.ts";
import { CallPrefixes } from "./call-frame.ts";
import type { Connection, TaskEvents } from "./connection.ts";
import { type Death, taskError } from "./death.ts";

export interface WorkloadEvents {
  /** All it has are tasks that were given up and did not stop in time. */
  onUseless(why: CancelCause): void;
  /** A task will be made again, and not here. */
  onRefused(): void;
  /** It has answered one: there may be room for another. */
  onAnswered(): void;
}

export interface WorkloadContext {
  readonly host: { readonly runtime: Runtime; readonly loop: LoopWatch };
  readonly options: Pick<ResolvedOptions, "killTimeout" | "concurrentTasksPerWorker">;
  /** Of all workers of the pool. */
  readonly runTimes: RunTimes;
}

export class Workload {
  /** Since when there has been nothing to do. */
  idleSince = 0;
  /** Tasks, but for those that warm it up. */
  finished = 0;
  /** Calls that ended, with a result or an error: proof that the worker works. A broadcast proves nothing. */
  completed = 0;
  /** When it was last heard of a task, or given one while it had none. */
  movedAt = 0;

  readonly #workerId: number;
  readonly #runtime: Runtime;
  readonly #loop: LoopWatch;
  readonly #killTimeout: number;
  readonly #events: WorkloadEvents;
  readonly #assignments: Assignments;
  readonly #runTimes: RunTimes;
  /** Of those of its tasks of which it is known, in ms. */
  #expected = 0;
  /** Those of which it is not. */
  #unknown = 0;
  #calls = new CallPrefixes([]);
  #connection: Connection | undefined;
  /** Broadcasts that must be over before it takes a call; undefined until it is known how many. */
  #warming: number | undefined;

  constructor(workerId: number, context: WorkloadContext, events: WorkloadEvents) {
    this.#workerId = workerId;
    this.#runtime = context.host.runtime;
    this.#loop = context.host.loop;
    this.#runTimes = context.runTimes;
    this.#killTimeout = context.options.killTimeout;
    this.#assignments = new Assignments(context.options.concurrentTasksPerWorker);
    this.#events = events;
  }

  /** The worker takes calls from now on: of these exports, over this connection. */
  open(connection: Connection, exports: readonly string[]): void {
    this.#connection = connection;
    this.#calls = new CallPrefixes(exports);
    this.idleSince = this.#runtime.now();
  }

  get exports(): readonly string[] {
    return this.#calls.names;
  }

  get isWarm(): boolean {
    return this.#warming === 0;
  }

  warm(tasks: number): void {
    this.#warming = tasks;
  }

  warmed(): void {
    this.#warming = (this.#warming ?? 0) - 1;
  }

  /** Tasks it has, wherever in it they are. */
  get size(): number {
    return this.#assignments.size;
  }

  /** Seats that are taken. */
  get seated(): number {
    return this.#assignments.seated;
  }

  /** Tasks that wait in it and are waited for. */
  get queued(): number {
    return this.#assignments.queued;
  }

  /** The number under which it knows the task; undefined when it does not have it. */
  sequenceOf(task: Task): number | undefined {
    return this.#assignments.get(task.sequence) === task ? task.sequence : undefined;
  }

  /** Whether another may be given: not beside a task that should have stopped. */
  get isOpen(): boolean {
    return this.#assignments.isOpen;
  }

  /** How long all that it has was expected to run, in ms; Infinity where it is not known of one of them. */
  get expected(): number {
    return this.#unknown > 0 ? Number.POSITIVE_INFINITY : this.#expected;
  }

  /** Whether another may be sent ahead: behind a task that was given up none is. */
  get isSmooth(): boolean {
    return !this.#assignments.hasAbandoned;
  }

  run(task: Task): void {
    const { request } = task;
    const connection = this.#connection as Connection;
    const prefix = this.#calls.of(request);
    if (prefix === undefined) task.fail(unknownTask(task.name, this.#calls.names));
    else if (connection.codec === "json" && (!isJson(request.args) || request.inputs !== undefined)) {
      task.fail(jsonOnly(task.name));
    } else {
      this.#expect(task);
      const sequence = this.#assignments.add(task);
      connection.call(sequence, prefix, request.args);
      task.goAhead(this.#workerId);
      this.#seatNext();
    }
  }

  #expect(task: Task): void {
    task.expected = this.#runTimes.expected(task.name);
    if (task.expected === Number.POSITIVE_INFINITY) this.#unknown++;
    else this.#expected += task.expected;
    if (this.size === 0) this.movedAt = this.#runtime.now();
  }

  #onMoved(task: Task, runTime: number): void {
    this.#runTimes.record(task.name, runTime);
    this.movedAt = this.#runtime.now();
    if (task.expected === Number.POSITIVE_INFINITY) this.#unknown--;
    else this.#expected -= task.expected;
    if (this.size > 0) return;
    this.idleSince = this.movedAt;
    this.#expected = 0; // what rounding has left
  }

  /** The worker starts its tasks in order, the next as soon as it has a seat. */
  #seatNext(): void {
    const task = this.#assignments.seatNext();
    if (task?.state !== "ahead") return; // nobody, or one that was given up
    task.start(task.flows ? this.#connection?.link(task.sequence) : undefined);
  }

  /** The task is over for its caller, or will be made again; the worker is told, and has `killTimeout` to stop. */
  abandon(task: Task, reason: unknown, why: CancelCause): void {
    const sequence = this.#assignments.abandon(task, why);
    if (sequence === undefined) return;
    this.#connection?.cancel(sequence, encodeThrown(reason));
    if (task.state === "ending") this.#events.onRefused();
    limitOf(this.#loop, this.#killTimeout, () => {
      this.#assignments.expire(sequence);
      this.#tellUseless();
    });
  }

  /** Rejects what its callers still wait for: the worker is ended. */
  failAll(errorOf: (task: Task) => Error): void {
    for (const task of this.#assignments.unsettled) {
      this.#assignments.abandon(task, "aborted");
      task.fail(errorOf(task));
    }
  }

  /** What the worker says of its tasks. */
  readonly taskEvents: TaskEvents = {
    onItem: (sequence, item) => this.#begun(sequence).onItem(item),
    onProgress: (sequence, value) => this.#begun(sequence).onProgress(value),
    onUnreceivable: (sequence, error) => this.#begun(sequence).refuse(error),
    onPullInput: (sequence, position, count) => this.#taskOf(sequence).request.inputs?.grant(position, count),
    onInputStop: (sequence, position) => this.#taskOf(sequence).request.inputs?.stop(position),
    onOutcome: (sequence, isResult, outcome, runTime) => {
      const task = this.#begun(sequence);
      this.#assignments.remove(sequence);
      if (this.isWarm) this.finished++;
      if (task.target === undefined && task.state === "running") this.completed++;
      this.#onMoved(task, runTime);
      this.#seatNext();
      if (task.state !== "running") task.released();
      else if (task.isOver(runTime)) {
        if (task.failAttempt(task.timeoutError, "timeout")) this.#events.onRefused();
      } else if (isResult) task.fulfil(outcome);
      else if (task.failAttempt(outcome, "thrown")) this.#events.onRefused();
      // The worker has read them, and nobody sends them again: a broadcast's belong to other tasks as well.
      if (task.state === "settled" && task.target === undefined) letGoOf(task.request.args);
      if (!this.#assignments.hasNumbers) this.#events.onRefused();
      this.#tellUseless();
      this.#events.onAnswered();
    },
  };

  /**
   * The worker is dead. Settles what it had started; returns what it had not, in order, and what tells those who wait for
   * it to let go of a task that it has.
   */
  end(
    death: Death,
    lastStarted: number,
  ): { readonly unstarted: readonly Task[]; readonly ranTask: boolean; release(): void } {
    const { started, unstarted, abandoned } = this.#assignments.split(lastStarted);
    const others = started.length - 1;
    for (const task of started) {
      if (task.state === "ahead") task.start(); // it has begun, and the answer before it was lost with the worker
      task.failAttempt(taskError(death, task.name, others), "death");
    }
    return {
      unstarted,
      ranTask: started.length > 0 || abandoned.some(({ sequence }) => sequence <= lastStarted),
      release: () => {
        for (const task of abandoned) task.released();
      },
    };
  }

  #tellUseless(): void {
    const why = this.#assignments.uselessBecause;
    if (why !== undefined) this.#events.onUseless(why);
  }

  /** What comes of a task says that it has begun, also in a worker that keeps to an order of its own. */
  #begun(sequence: number): Task {
    const task = this.#taskOf(sequence);
    if (task.state === "ahead") task.start(task.flows ? this.#connection?.link(sequence) : undefined);
    return task;
  }

  #taskOf(sequence: number): Task {
    const task = this.#assignments.get(sequence);
    if (task !== undefined) return task;
    throw new ProtocolError(`Expected a frame of a task the worker has, received one of task ${sequence}`);
  }
}
