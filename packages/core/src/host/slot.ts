/**
 * Our seat for one worker: feeds the machine with what happens to the process and carries its effects out.
 * Owns the process and the connection; decides nothing about the worker's life (machine.ts), its tasks (workload.ts)
 * and other workers (supervisor.ts).
 */
import { ProtocolError } from "../errors.ts";
import { failedStart, type Timer } from "../port/runtime.ts";
import type { Hello } from "../wire/frame.ts";
import { readStartRecord } from "../wire/start-record.ts";
import type { ResolvedWorkerOptions } from "../worker-options.ts";
import { Connection, type ConnectionEvents } from "./connection.ts";
import type { Door } from "./host-process.ts";
import { type Launched, prepareLaunch } from "./launch.ts";
import {
  type Effect,
  initialState,
  type MachineEvent,
  type MachineState,
  type StopManner,
  type StopReason,
  step,
} from "./machine.ts";
import { WorkerOutput } from "./output.ts";
import type { Lookahead } from "./scheduler.ts";
import type { SlotContext } from "./slot-context.ts";
import { infoOf, type WorkerInfo, type WorkerStats, withUsage } from "./stats.ts";
import type { CancelCause, Task } from "./task.ts";
import { Vigil } from "./vigil.ts";
import { deathOf } from "./worker-death.ts";
import { Workload } from "./workload.ts";

export class Slot implements Lookahead {
  readonly id: number;
  readonly startedAt: number;
  /** Why it is to be replaced as soon as that delays nothing. */
  due: StopReason | undefined;
  /** It was started in place of one that is due and has not gone yet. */
  isReplacement = false;

  readonly #context: SlotContext;
  readonly #worker: ResolvedWorkerOptions | undefined;
  readonly #output: WorkerOutput;
  readonly #vigil: Vigil;
  readonly #work: Workload;
  #state: MachineState;
  #launched: Launched | undefined;
  #connection: Connection | undefined;
  /** Replaced for each step of the machine. */
  #timer: Timer | undefined;
  #startError: unknown;
  /** Broadcasts that must be over before it takes a task; undefined until it is known how many. */
  #warming: number | undefined;
  /** Why it takes no more tasks. */
  retiring: StopReason | undefined;

  constructor(id: number, context: SlotContext) {
    this.id = id;
    this.#context = context;
    const { options, owner } = context;
    const { runtime } = context.host;
    this.startedAt = runtime.now();
    try {
      this.#worker = options.workerFor({ id });
    } catch (error) {
      this.#startError = error; // a function of the application's: told as the failed start it is
    }
    const modes = this.#worker ?? { stdout: "ignore", stderr: "ignore" };
    this.#state = initialState(modes.stdout === "capture" ? 2 : 1);
    this.#output = new WorkerOutput(modes, {
      forward: (stream, bytes) => runtime.forward(stream, bytes),
      onLine: (stream, line) => owner.onLine(this, stream, line),
    });
    this.#work = new Workload(
      id,
      { runtime, options, runTimes: context.runTimes },
      {
        onUseless: (why) => this.stop(why, "kill"),
        onRefused: () => this.retire("recycled"),
        onAnswered: () => this.#onAnswered(),
      },
    );
    this.#vigil = new Vigil(runtime, options, this.#worker?.memoryLimit ?? Number.POSITIVE_INFINITY, {
      pid: () => this.pid,
      isBusy: () => this.occupied > 0,
      ping: () => this.#connection?.ping(),
      onUnbearable: (reason, error) => this.stop(reason, "kill", error),
      onDue: () => this.makeDue("recycled"),
      onSpent: () => this.retire("recycled"),
    });
  }

  /** Takes tasks now. */
  get isReady(): boolean {
    return this.#state.phase === "ready" && this.isStaying && this.isWarm;
  }

  /** What must be over before it takes a task is over, or there was nothing. */
  get isWarm(): boolean {
    return this.#warming === 0;
  }

  get isStarting(): boolean {
    return this.#state.phase === "starting";
  }

  /** Ready or starting: not on its way out. */
  get isStaying(): boolean {
    const { phase } = this.#state;
    if (this.retiring !== undefined) return false;
    return phase === "starting" || (phase === "ready" && this.#work.isOpen);
  }

  get pid(): number | undefined {
    return this.#launched?.group.pid;
  }

  get occupied(): number {
    return this.#work.seated;
  }

  get ahead(): number {
    return this.#work.size - this.#work.seated;
  }

  get expected(): number {
    return this.#work.expected;
  }

  get movedAt(): number {
    return this.#work.movedAt;
  }

  /** Not if it is to be replaced before it would come to them. */
  get takesAhead(): boolean {
    if (!this.isReady || !this.#work.isSmooth || this.due !== undefined) return false;
    return this.#vigil.permits(this.finished + this.#work.size + 1);
  }

  get finished(): number {
    return this.#work.finished;
  }

  /** Tasks that gave a result: proof that it works. */
  get completed(): number {
    return this.#work.completed;
  }

  /** Since when it has had nothing to do. */
  get idleSince(): number {
    return this.#work.idleSince;
  }

  get info(): WorkerInfo {
    return infoOf(this, this.#state.phase, this.#context.host.runtime);
  }

  /** Reads /proc: not for a hot path. */
  get stats(): WorkerStats {
    return withUsage(this.info, this.#context.host.runtime);
  }

  /** The tasks it has whose callers still wait. */
  get unsettled(): readonly Task[] {
    return this.#work.unsettled;
  }

  /** Starts the worker; whatever goes wrong arrives at the owner's `onDead`. */
  start(): void {
    this.#setTimer(this.#context.options.startTimeout);
    this.#context.host.open().then(
      (door) => this.#spawn(door),
      (error: unknown) => this.#exitedUnborn(error),
    );
  }

  stop(reason: StopReason, manner: StopManner, error?: unknown): void {
    this.#handle({ type: "stop", reason, manner, error });
  }

  /** Takes no more tasks, and leaves when it has finished those it has. */
  retire(reason: StopReason): void {
    if (!this.isStaying) return;
    this.retiring = reason;
    this.#context.owner.onRetired(this);
    this.#leaveIfDone();
  }

  makeDue(reason: StopReason): void {
    if (this.due !== undefined || !this.isStaying) return;
    this.due = reason;
    this.#context.owner.onDue(this);
  }

  /** Tasks of this number are run before it counts as ready; each says `warmed` when it is over. */
  warm(tasks: number): void {
    this.#warming = tasks;
  }

  warmed(): void {
    this.#warming = (this.#warming ?? 0) - 1;
    if (this.isReady) this.#context.owner.onReady(this);
  }

  /** The worker must be ready, or warming. */
  run(task: Task): void {
    this.#work.run(task);
    this.#vigil.onTask();
  }

  /** The task is over for its caller, or will be made again: if this worker has it, it is told. */
  abandon(task: Task, reason: unknown, why: CancelCause): void {
    this.#work.abandon(task, reason, why);
  }

  #onAnswered(): void {
    this.#vigil.onFinished(this.finished);
    this.#leaveIfDone();
    this.#context.owner.onOutcome(this);
  }

  #leaveIfDone(): void {
    if (this.retiring !== undefined && this.occupied === 0) this.stop(this.retiring, "ask");
  }

  #spawn(door: Door): void {
    const { host, module, owner } = this.#context;
    if (!this.isStarting || this.#worker === undefined) {
      this.#exitedUnborn(this.#startError ?? new Error("The worker was stopped before its process existed"));
      return;
    }
    try {
      const launched = prepareLaunch(host, door, module, this.#worker, {
        welcome: (channel, hello) =>
          this.#connect(new Connection(channel, hello, this.#connectionEvents), hello),
        group: {
          onStart: () => owner.onStart(this),
          onOutput: (stream, bytes) => this.#output.push(stream, bytes),
          onOutputEnd: (stream) => {
            this.#output.end(stream);
            this.#handle({ type: "outputEnded" });
          },
          onExit: (exit) => this.#handle({ type: "exited", exit }),
        },
      });
      this.#launched = launched;
      launched.group.start();
    } catch (error) {
      this.#exitedUnborn(error);
    }
  }

  #exitedUnborn(error: unknown): void {
    this.#handle({ type: "exited", exit: failedStart(error) });
  }

  #connect(connection: Connection, hello: Hello): Connection["channelEvents"] {
    this.#connection = connection;
    this.#handle({ type: "connected" });
    const data = this.#worker?.data;
    const failure = connection.open(hello, {
      module: this.#context.module,
      workerId: this.id,
      concurrency: this.#context.options.concurrentTasksPerWorker,
      startRecord: this.#launched?.startRecord ?? "",
      ...(data === undefined ? {} : { data }),
    });
    if (failure !== undefined) this.stop("start", "terminate", failure);
    return connection.channelEvents;
  }

  get #connectionEvents(): ConnectionEvents {
    return {
      ...this.#work.taskEvents,
      onReady: (names) => {
        if (!this.isStarting) throw new ProtocolError("Expected one Ready from a worker, received another");
        this.#work.open(this.#connection as Connection, names);
        this.#handle({ type: "ready" });
      },
      onStartFailed: (error) => this.#handle({ type: "startFailed", error }),
      onBroken: (error) => this.stop("protocol", "kill", error),
      onClosed: () => this.#handle({ type: "channelClosed" }),
      onHeard: () => this.#vigil.onHeard(),
    };
  }

  #handle(event: MachineEvent): void {
    if (event.type === "exited") {
      this.#launched?.forget();
      this.#vigil.end();
    }
    const [state, effects] = step(this.#state, event, this.#context.options);
    this.#state = state;
    for (const effect of effects) this.#carryOut(effect);
  }

  #carryOut(effect: Effect): void {
    switch (effect.type) {
      case "announceReady":
        this.#vigil.onReady(this.idleSince - this.startedAt);
        this.#context.owner.onReady(this);
        break;
      case "askToLeave":
        this.#connection?.leave();
        break;
      case "signal":
        this.#launched?.group.signal(effect.name);
        break;
      case "sweepGroup":
        this.#launched?.group.sweep(() => this.#handle({ type: "groupGone" }));
        break;
      case "setTimer":
        this.#setTimer(effect.ms);
        break;
      case "clearTimer":
        this.#setTimer(Number.POSITIVE_INFINITY);
        break;
      case "bury":
        this.#bury();
        break;
    }
  }

  #setTimer(ms: number): void {
    this.#timer?.cancel();
    this.#timer =
      ms === Number.POSITIVE_INFINITY
        ? undefined
        : this.#context.host.runtime.startTimer(ms, () => this.#handle({ type: "timeUp" }));
  }

  /** The machine has reached `dead`: nothing can see this worker as alive while its tasks are settled. */
  #bury(): void {
    const { host, owner } = this.#context;
    this.#launched?.group.leave();
    this.#connection?.close();
    const record = this.#launched && host.runtime.takeFile(this.#launched.startRecord);
    const { id: workerId, pid } = this;
    const death = deathOf(this.#state, { workerId, pid, stderr: this.#output.stderrTail });
    const { unstarted, release } = this.#work.end(death, readStartRecord(record));
    owner.onDead(this, death, unstarted);
    release();
  }
}
