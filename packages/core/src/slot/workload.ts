/**
 * The tasks of one worker: sends it calls, settles them by its answers, and cancels them in it. Owns its counts and the
 * bookkeeping of calls; the slot decides on its events whether the worker lives on.
 */
import { ours } from "../call-site.ts";
import { ProtocolError } from "../errors.ts";
import type { HostClock } from "../host/host-clock.ts";
import { limitOf } from "../host/limit.ts";
import type { LoopWatch } from "../host/loop-watch.ts";
import type { ResolvedOptions } from "../options/pool-options.ts";
import type { OutputStream } from "../port/runtime.ts";
import type { WorkerInfo } from "../port/worker-info.ts";
import type { Lease } from "../reaping/leases.ts";
import { ofTask, unknownTask } from "../task/call-errors.ts";
import type { AttemptStatus, CancelCause } from "../task/request.ts";
import type { RunTimes } from "../task/run-times.ts";
import type { Task } from "../task/task.ts";
import type { Trace } from "../trace.ts";
import type { Prefix } from "../wire/frame-writer.ts";
import type { Noted } from "../wire/journal.ts";
import { type EncodedValue, encodeThrown, letGoOf } from "../wire/value.ts";
import type { Assignment, Holding } from "./assignment.ts";
import { Assignments } from "./assignments.ts";
import { argsFor } from "./call-args.ts";
import { CallPrefixes } from "./call-frame.ts";
import type { Connection, TaskEvents } from "./connection.ts";
import { type Death, type LostTask, taskError } from "./death.ts";

export interface WorkloadEvents {
  info(): WorkerInfo;
  /** All it runs are cancelled tasks that did not stop in time. */
  onUseless(why: CancelCause): void;
  /** It must take no more tasks: one of them will be retried, and not here, or its numbers are used up. */
  onRetire(): void;
  /** How many tasks it runs, or has waiting, may have changed, or whether it is open to more. */
  onCounted(): void;
  /** It has answered a task: there may be room for another. */
  onAnswered(): void;
  /** Whether it has done what had to precede its first task. */
  isWarm(): boolean;
  /** It is held while the worker has tasks. */
  lease(): Lease | undefined;
  /** It does not start a task it was sent: something other than a task blocks it. */
  onStuck(): void;
  /** Reads from the journal what the worker has written and the channel has not delivered yet. */
  readJournal(): Noted;
}

export interface WorkloadContext {
  readonly host: { readonly loop: LoopWatch; readonly clock: HostClock };
  readonly options: Pick<ResolvedOptions, "killTimeout" | "concurrentTasksPerWorker">;
  /** Shared by all workers of the pool. */
  readonly runTimes: RunTimes;
  /** Calls waiting in any worker of the pool. Counted here, because a sum per call would cost more with each worker. */
  readonly ahead: { count: number };
  readonly trace?: Trace | undefined;
}

export class Workload implements Holding {
  /** Since when the worker has been idle. */
  idleSince = 0;
  /** Tasks that ended, without those that warmed it up. */
  finished = 0;
  /** Calls that ended, with a result or an error, which proves that the worker works. Broadcasts don't count. */
  completed = 0;
  /** When a task last ended, or when the worker was given one while idle. */
  movedAt = 0;

  readonly #workerId: number;
  readonly #loop: LoopWatch;
  readonly #clock: HostClock;
  readonly #killTimeout: number;
  readonly #events: WorkloadEvents;
  readonly #assignments: Assignments;
  readonly #runTimes: RunTimes;
  readonly #ahead: { count: number };
  readonly #trace: Trace | undefined;
  /** This worker's share of `ahead`. */
  #queued = 0;
  /** Sum over tasks whose expected run time is known, in ms. */
  #expected = 0;
  /** Number of tasks whose expected run time is unknown. */
  #unknown = 0;
  #calls = new CallPrefixes([]);
  #connection: Connection | undefined;
  /** The call that hears what the worker writes. */
  #hearing: Assignment | undefined;
  /** It was sent: what comes now was written for it. */
  #isHearing = false;

  constructor(workerId: number, context: WorkloadContext, events: WorkloadEvents) {
    this.#workerId = workerId;
    this.#loop = context.host.loop;
    this.#clock = context.host.clock;
    this.#runTimes = context.runTimes;
    this.#ahead = context.ahead;
    this.#trace = context.trace;
    this.#killTimeout = context.options.killTimeout;
    this.#assignments = new Assignments(context.options.concurrentTasksPerWorker);
    this.#events = events;
  }

  /** The worker takes calls from now on, for these exports over this connection. */
  open(connection: Connection, exports: readonly string[]): void {
    this.#connection = connection;
    this.#calls = new CallPrefixes(exports);
    this.idleSince = this.#clock.recent();
  }

  get exports(): readonly string[] {
    return this.#calls.names;
  }

  /** Tasks it has, running or waiting. */
  get size(): number {
    return this.#assignments.size;
  }

  /** Tasks it runs. */
  get running(): number {
    return this.#assignments.running;
  }

  /** Tasks that wait in it and were not cancelled. */
  get queued(): number {
    return this.#queued;
  }

  #count(): void {
    const { queued } = this.#assignments;
    this.#ahead.count += queued - this.#queued;
    this.#queued = queued;
    this.#events.onCounted();
  }

  /** Whether it may take another: not beside a task that should have stopped. */
  get isOpen(): boolean {
    return this.#assignments.isOpen;
  }

  /** Expected run time of all its tasks, in ms; Infinity if it is unknown for any of them. */
  get expected(): number {
    return this.#unknown > 0 ? Number.POSITIVE_INFINITY : this.#expected;
  }

  /** Whether a task may be sent ahead: not behind a cancelled one, nor one that hears output, whose end must be told from its own. */
  get isSmooth(): boolean {
    return !this.#assignments.hasCancelled && this.#hearing === undefined;
  }

  run(task: Task): void {
    const { request } = task;
    const connection = this.#connection as Connection;
    const prefix = this.#calls.of(request);
    const args = argsFor(connection.codec, request);
    if (prefix === undefined) task.fail(unknownTask(task.name, this.#calls.names));
    else if (args instanceof Error) task.fail(args);
    else {
      const assignment = this.#assign(task);
      this.#trace?.task(task, `sent to w${this.#workerId} as #${assignment.sequence}`);
      if (task.hearsOutput) this.#callHearing(connection, assignment, prefix, args);
      else connection.outbox.call(assignment.sequence, prefix, args);
      task.assign(this.#workerId, assignment);
      this.#startNext();
    }
  }

  #callHearing(connection: Connection, assignment: Assignment, prefix: Prefix, args: EncodedValue): void {
    this.#hearing = assignment;
    connection.outbox.callHearing(assignment.sequence, prefix, args, () => {
      this.#isHearing = true;
    });
  }

  /** Output of the worker. What comes while no call hears it is nobody's. */
  onOutput(stream: OutputStream, bytes: Uint8Array): void {
    if (this.#isHearing) this.#hearing?.task.onOutput(stream, bytes);
  }

  #endHearing(): void {
    this.#hearing = undefined;
    this.#isHearing = false;
    this.#connection?.outbox.endHearing();
  }

  #assign(task: Task): Assignment {
    const expected = this.#runTimes.expected(task.name);
    if (expected === Number.POSITIVE_INFINITY) this.#unknown++;
    else this.#expected += expected;
    if (this.size === 0) {
      this.movedAt = this.#clock.recent();
      this.#events.lease()?.hold();
    }
    return this.#assignments.add(task, expected, this);
  }

  #onMoved({ task, expected }: Assignment, runTime: number): void {
    this.#runTimes.record(task.name, runTime);
    this.movedAt = this.#clock.recent();
    if (expected === Number.POSITIVE_INFINITY) this.#unknown--;
    else this.#expected -= expected;
    if (this.size > 0) return;
    this.idleSince = this.movedAt;
    this.#expected = 0; // drops rounding errors
  }

  /** The worker starts its tasks in order, the next as soon as it has free capacity. */
  #startNext(): void {
    const next = this.#assignments.startNext();
    this.#count();
    if (next?.task.state === "sent") this.#begin(next); // otherwise there is none, or it was cancelled
  }

  #begin({ task, sequence }: Assignment): void {
    task.start(task.flows ? this.#connection?.outbox.link(sequence) : undefined);
  }

  /** Cancels it in the worker, which has `killTimeout` to stop: its caller has its outcome already, or it will be retried. */
  cancel(assignment: Assignment, reason: unknown, why: CancelCause): void {
    if (!this.#assignments.cancel(assignment, why)) return;
    this.#count();
    this.#connection?.outbox.cancel(assignment.sequence, encodeThrown(reason));
    if (assignment.task.state === "ending") this.#events.onRetire();
    limitOf(this.#loop, this.#killTimeout, () => {
      if (this.#assignments.get(assignment.sequence) === undefined) return;
      this.#events.readJournal(); // it may have stopped, or begun to listen to SIGTERM, without having told it in time
      this.#assignments.expire(assignment);
      this.#count();
      this.#reportUseless();
    });
  }

  catchUp({ sequence }: Assignment): AttemptStatus {
    const { started, isBehind } = this.#events.readJournal();
    return { hasBegun: sequence <= started, isBehind };
  }

  get info(): WorkerInfo {
    return this.#events.info();
  }

  onStuck(): void {
    this.#events.onStuck();
  }

  /** Rejects all unsettled tasks, because the worker is being stopped. */
  failAll(errorOf: (task: Task) => Error): void {
    for (const assignment of this.#assignments.unsettled) {
      this.#assignments.cancel(assignment, "aborted");
      this.#count();
      assignment.task.fail(errorOf(assignment.task));
    }
  }

  /** Rejects what waits in it and has not begun, as far as its journal says, and cancels it there. */
  failUnstarted(errorOf: (task: Task) => Error): void {
    for (const assignment of this.#assignments.unsettled) {
      const { task } = assignment;
      if (task.state === "sent" && !this.catchUp(assignment).hasBegun) task.refuse(errorOf(task));
    }
  }

  /** What the worker sends about its tasks. */
  readonly taskEvents: TaskEvents = {
    onItem: (sequence, item) => this.#begun(sequence).task.onItem(item),
    onProgress: (sequence, value) => this.#begun(sequence).task.onProgress(value),
    onUnreceivable: (sequence, error) => {
      const { task } = this.#begun(sequence);
      task.onUnreceivable(ofTask(error, task.name));
    },
    onPullInput: (sequence, position, count) =>
      this.#find(sequence).task.request.inputs?.grant(position, count),
    onInputStop: (sequence, position) => this.#find(sequence).task.request.inputs?.stop(position),
    onOutcome: (sequence, isResult, outcome, runTime) => {
      const assignment = this.#begun(sequence);
      const { task } = assignment;
      if (!isResult) ours(ofTask(outcome, task.name));
      this.#assignments.remove(assignment);
      if (this.#hearing === assignment) this.#endHearing();
      if (this.#events.isWarm()) this.finished++;
      if (!task.request.isBroadcast && task.state === "running") this.completed++;
      this.#onMoved(assignment, runTime);
      this.#startNext();
      if (task.state !== "running") task.released();
      else if (task.isOver(runTime)) {
        if (task.failAttempt(task.timeoutError, "timeout")) this.#events.onRetire();
      } else if (isResult) task.fulfil(outcome);
      else if (task.failAttempt(outcome, "thrown")) this.#events.onRetire();
      if (task.state === "settled") this.#letGo(task);
      if (!this.#assignments.hasNumbers) this.#events.onRetire();
      this.#reportUseless();
      this.#events.onAnswered();
      if (this.size === 0) this.#events.lease()?.rest(); // it may have been given another
    },
  };

  /**
   * The worker has read the arguments, and they are not sent again. A broadcast shares them with other tasks; and where the
   * kernel may not have them yet, of a worker that has answered before, or of one that died, nothing else may lie there.
   */
  #letGo({ request, sends }: Task): void {
    if (request.args.attachments === undefined || request.isBroadcast || sends > 1) return;
    if (this.#connection?.hasSentAll === true) letGoOf(request.args);
  }

  /**
   * The worker is dead. Settles what it had started. Returns what it had not started, in order, and a function that
   * releases the cancelled tasks, for those that wait until the worker has let go of them.
   */
  end(
    death: Death,
    lastStarted: number,
  ): { readonly unstarted: readonly Task[]; readonly lost: readonly LostTask[]; release(): void } {
    const { started, unstarted, cancelled } = this.#assignments.split(lastStarted);
    this.#count();
    this.#endHearing();
    const others = started.length - 1;
    for (const { task } of started) {
      if (task.state === "sent") task.start(); // it had begun, and the answer to the one before it was lost with the worker
      task.failAttempt(taskError(death, task.name, others), "death");
    }
    return {
      unstarted: unstarted.map(({ task }) => task),
      lost: [...started, ...cancelled.filter(({ sequence }) => sequence <= lastStarted)].map(
        ({ task: { name, key }, sequence }) => ({ name, key, id: sequence }),
      ),
      release: () => {
        for (const { task } of cancelled) task.released();
      },
    };
  }

  #reportUseless(): void {
    const why = this.#assignments.uselessBecause;
    if (why !== undefined) this.#events.onUseless(why);
  }

  /** A frame about a task shows that it has begun, even in a worker that starts tasks in another order. */
  #begun(sequence: number): Assignment {
    const assignment = this.#find(sequence);
    if (assignment.task.state === "sent") this.#begin(assignment);
    return assignment;
  }

  #find(sequence: number): Assignment {
    const assignment = this.#assignments.get(sequence);
    if (assignment !== undefined) return assignment;
    throw new ProtocolError(`Expected a frame of a task the worker has, received one of task ${sequence}`);
  }
}
