/**
 * Our seat for one worker: feeds the machine with what happens to the process and carries its effects out.
 * Owns the process, the connection and the tasks the worker has; decides nothing about its life (machine.ts)
 * and nothing about other workers (supervisor.ts).
 */
import { ProtocolError } from "../errors.ts";
import type { ResolvedOptions } from "../options.ts";
import { SOCKET_VARIABLE, TOKEN_VARIABLE } from "../port/launcher.ts";
import { type Exit, failedStart, type OutputStream, type Timer } from "../port/runtime.ts";
import { withKernelReaping } from "../reaping/kernel-reaps.ts";
import { ProcessGroup } from "../reaping/process-group.ts";
import { readUsage } from "../reaping/process-table.ts";
import type { Hello } from "../wire/frame.ts";
import { readStartRecord } from "../wire/start-record.ts";
import { encodeThrown, isJson } from "../wire/value.ts";
import { Assignments } from "./assignments.ts";
import { jsonOnly, unknownTask } from "./call-errors.ts";
import { Connection, versionError } from "./connection.ts";
import type { Door, HostProcess } from "./host-process.ts";
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
import type { Seats } from "./scheduler.ts";
import type { WorkerInfo, WorkerState, WorkerStats } from "./stats.ts";
import type { CancelCause, Task } from "./task.ts";
import { type Death, taskError } from "./worker-death.ts";

export interface SlotOwner {
  onStart(slot: Slot): void;
  onReady(slot: Slot): void;
  /** A task is over: the worker may have room for another. */
  onOutcome(slot: Slot): void;
  onLine(slot: Slot, stream: OutputStream, line: string): void;
  /** The process is gone and the slot free; `unstarted` were sent to it and never began, in order. */
  onDead(slot: Slot, death: Death, unstarted: readonly Task[]): void;
}

/** What all slots of a pool share. */
export interface SlotContext {
  readonly host: HostProcess;
  readonly options: ResolvedOptions;
  /** The worker module, as an absolute URL. */
  readonly module: string;
  readonly owner: SlotOwner;
}

export class Slot implements Seats {
  readonly id: number;
  readonly startedAt: number;
  /** Since when it has had nothing to do. */
  idleSince = 0;
  finished = 0;
  /** Results alone: proof that the worker works. */
  completed = 0;

  readonly #context: SlotContext;
  readonly #output: WorkerOutput;
  readonly #assignments = new Assignments();
  #exports = new Map<string, number>();
  #state: MachineState;
  #group: ProcessGroup | undefined;
  #connection: Connection | undefined;
  #startRecord = "";
  #timer: Timer | undefined;
  #forgetToken: (() => void) | undefined;

  constructor(id: number, context: SlotContext) {
    this.id = id;
    this.#context = context;
    const { options, owner } = context;
    const { runtime } = context.host;
    this.startedAt = runtime.now();
    this.#state = initialState(options.worker.stdout === "capture" ? 2 : 1);
    this.#output = new WorkerOutput(options.worker, {
      forward: (stream, bytes) => runtime.forward(stream, bytes),
      onLine: (stream, line) => owner.onLine(this, stream, line),
    });
  }

  get isReady(): boolean {
    return this.#state.phase === "ready" && this.#assignments.isOpen;
  }

  get isStarting(): boolean {
    return this.#state.phase === "starting";
  }

  /** Ready or starting: not on its way out. */
  get isStaying(): boolean {
    return this.isReady || this.isStarting;
  }

  get occupied(): number {
    return this.#assignments.size;
  }

  get info(): WorkerInfo {
    return {
      id: this.id,
      pid: this.#group?.pid,
      state: this.#workerState,
      uptime: Math.round(this.#context.host.runtime.now() - this.startedAt),
      running: this.occupied,
      finished: this.finished,
    };
  }

  /** Reads /proc: not for a hot path. */
  get stats(): WorkerStats {
    const { info } = this;
    const usage = info.pid === undefined ? undefined : readUsage(this.#context.host.runtime, info.pid);
    return { ...info, memory: usage?.memory, cpu: usage?.cpu };
  }

  get #workerState(): WorkerState {
    switch (this.#state.phase) {
      case "starting":
        return "starting";
      case "ready":
        return this.occupied > 0 ? "busy" : "idle";
      case "dead":
        return "gone";
      default:
        return "stopping";
    }
  }

  /** The tasks it has whose callers still wait. */
  get unsettled(): readonly Task[] {
    return this.#assignments.unsettled;
  }

  /** Starts the worker; whatever goes wrong arrives at the owner's `onDead`. */
  start(): void {
    const { host, options } = this.#context;
    this.#setTimer(options.startTimeout);
    host.open().then(
      (door) => this.#spawn(door),
      (error: unknown) => this.#exitedUnborn(error),
    );
  }

  stop(reason: StopReason, manner: StopManner, error?: unknown): void {
    this.#handle({ type: "stop", reason, manner, error });
  }

  /** The slot must be ready and have a free seat. */
  run(task: Task): void {
    const index = this.#exports.get(task.name);
    if (index === undefined) {
      task.fail(unknownTask(task.name, [...this.#exports.keys()]));
      return;
    }
    const connection = this.#connection as Connection;
    if (connection.codec === "json" && !isJson(task.args)) {
      task.fail(jsonOnly(task.name));
      return;
    }
    task.start();
    connection.call(this.#assignments.add(task), index, task.args);
  }

  /** The task is settled for its caller; the worker is told, and killed when it does not stop in time. */
  abandon(task: Task, reason: unknown, why: CancelCause): void {
    const sequence = this.#assignments.abandon(task, why);
    if (sequence === undefined) return;
    this.#connection?.cancel(sequence, encodeThrown(reason));
    const { host, options } = this.#context;
    if (options.killTimeout === Number.POSITIVE_INFINITY) return;
    host.runtime.startTimer(options.killTimeout, () => {
      this.#assignments.expire(sequence);
      this.#killIfUseless();
    });
  }

  #killIfUseless(): void {
    const why = this.#assignments.uselessBecause;
    if (why !== undefined) this.stop(why, "kill");
  }

  #spawn({ folder, socket }: Door): void {
    if (!this.isStarting) {
      this.#exitedUnborn(new Error("The worker was stopped before its process existed"));
      return;
    }
    const { host, options, module, owner } = this.#context;
    const { launcher, env, cwd, execArgv, argv, stdout, sigchld } = options.worker;
    const { token, forget } = host.acceptor.expect((channel, hello) =>
      this.#connect(new Connection(channel, hello, this.#connectionEvents), hello),
    );
    this.#forgetToken = forget;
    this.#startRecord = `${folder}/started-${token.slice(0, 8)}`;
    try {
      const command = launcher.command({ module, folder, socket, execArgv, argv, cwd });
      const group = new ProcessGroup(
        host,
        {
          ...(sigchld === "ignore" ? withKernelReaping(command) : command),
          env: { ...env, [SOCKET_VARIABLE]: socket, [TOKEN_VARIABLE]: token },
          cwd,
          stdout: stdout === "capture" ? "pipe" : stdout,
          stderr: "pipe",
        },
        {
          onStart: () => owner.onStart(this),
          onOutput: (stream, bytes) => this.#output.push(stream, bytes),
          onOutputEnd: (stream) => {
            this.#output.end(stream);
            this.#handle({ type: "outputEnded" });
          },
          onExit: (exit) => this.#handle({ type: "exited", exit }),
        },
      );
      this.#group = group;
      group.start();
    } catch (error) {
      this.#exitedUnborn(error); // a launcher of the application's own threw
    }
  }

  #exitedUnborn(error: unknown): void {
    this.#handle({ type: "exited", exit: failedStart(error) });
  }

  #connect(connection: Connection, hello: Hello): Connection["channelEvents"] {
    this.#connection = connection;
    this.#handle({ type: "connected" });
    const mismatch = versionError(hello);
    if (mismatch !== undefined) this.stop("start", "terminate", mismatch);
    else {
      const { module, options } = this.#context;
      try {
        connection.init({
          module,
          workerId: this.id,
          startRecord: this.#startRecord,
          ...(options.worker.data === undefined ? {} : { data: options.worker.data }),
        });
      } catch (error) {
        this.stop("start", "terminate", error); // worker.data can't be sent
      }
    }
    return connection.channelEvents;
  }

  readonly #connectionEvents = {
    onReady: (names: readonly string[]): void => {
      if (!this.isStarting) throw new ProtocolError("Expected one Ready from a worker, received another");
      this.#exports = new Map(names.map((name, index) => [name, index]));
      this.#handle({ type: "ready" });
    },
    onStartFailed: (error: unknown): void => this.#handle({ type: "startFailed", error }),
    onBroken: (error: ProtocolError): void => this.stop("protocol", "kill", error),
    onClosed: (): void => this.#handle({ type: "channelClosed" }),
    onOutcome: (sequence: number, isResult: boolean, outcome: unknown): void => {
      const task = this.#assignments.take(sequence);
      if (task === undefined) {
        throw new ProtocolError(
          `Expected the outcome of a task the worker has, received one of task ${sequence}`,
        );
      }
      this.finished++;
      this.completed += isResult ? 1 : 0;
      if (this.occupied === 0) this.idleSince = this.#context.host.runtime.now();
      if (isResult) task.fulfil(outcome);
      else task.fail(outcome);
      this.#killIfUseless();
      if (this.occupied === 0 && !this.#assignments.isOpen) this.stop("idle", "ask"); // out of numbers
      this.#context.owner.onOutcome(this);
    },
  };

  #handle(event: MachineEvent): void {
    if (event.type === "exited") this.#forgetToken?.();
    const [state, effects] = step(this.#state, event, this.#context.options);
    this.#state = state;
    for (const effect of effects) this.#carryOut(effect);
  }

  #carryOut(effect: Effect): void {
    switch (effect.type) {
      case "announceReady":
        this.idleSince = this.#context.host.runtime.now();
        this.#context.owner.onReady(this);
        break;
      case "askToLeave":
        this.#connection?.leave();
        break;
      case "signal":
        this.#group?.signal(effect.name);
        break;
      case "sweepGroup":
        this.#group?.sweep(() => this.#handle({ type: "groupGone" }));
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
    this.#group?.leave();
    this.#connection?.close();
    const lastStarted = readStartRecord(host.runtime.takeFile(this.#startRecord));
    const death: Death = {
      workerId: this.id,
      pid: this.#group?.pid,
      exit: this.#state.exit as Exit,
      stderr: this.#output.stderrTail,
      reason: this.#state.reason ?? "crash",
      error: this.#state.error,
      wasReady: this.#state.wasReady,
      wasLate: this.#state.wasLate,
    };
    const { started, unstarted } = this.#assignments.split(lastStarted);
    for (const task of started) task.fail(taskError(death, task.name));
    owner.onDead(this, death, unstarted);
  }
}
