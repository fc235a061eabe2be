/**
 * One worker's place in the pool: feeds the machine with what happens to the process and carries out its effects.
 * Owns the process and the connection; decides nothing about the worker's life (machine.ts), its tasks (workload.ts)
 * or other workers (supervisor.ts).
 */
import { ProtocolError } from "../errors.ts";
import type { Door } from "../host/host-process.ts";
import { type Exit, failedStart } from "../port/runtime.ts";
import type { WorkerInfo, WorkerStats } from "../port/worker-info.ts";
import type { Task } from "../task/task.ts";
import type { Connection } from "./connection.ts";
import { sampledMemory, withContainmentError } from "./containment.ts";
import { deathOf, movedDeath, type Witnessed } from "./death.ts";
import { initFor } from "./launch.ts";
import { type Deed, Life } from "./life.ts";
import {
  initialState,
  isStaying,
  isToBeReplaced,
  type StopManner,
  type StopReason,
  takesTasks,
} from "./machine.ts";
import type { SlotContext } from "./slot-context.ts";
import { StartOptions } from "./start-options.ts";
import { Vigil } from "./vigil.ts";
import { infoOf, withUsage } from "./worker-info.ts";
import { type LinkEvents, WorkerLink } from "./worker-link.ts";
import { Workload } from "./workload.ts";

export class Slot {
  readonly id: number;
  readonly startedAt: number;
  readonly #context: SlotContext<Slot>;
  readonly #start: StartOptions;
  readonly #vigil: Vigil;
  readonly #work: Workload;
  readonly #link: WorkerLink;
  readonly #life: Life;
  /** The broadcast that failed before it could take a task. */
  #failedBroadcast: string | undefined;
  #hasAnnouncedStart = false;

  constructor(id: number, context: SlotContext<Slot>, isReplacement: boolean) {
    this.id = id;
    this.#context = context;
    const { options } = context;
    this.startedAt = context.host.runtime.now();
    this.#start = new StartOptions(context, id);
    this.#life = new Life(initialState(1, isReplacement), {
      loop: context.host.loop,
      times: options,
      workerId: id,
      trace: context.trace,
      onStep: () => context.owner.onChanged(this),
      carryOut: (deed) => this.#carryOut(deed),
    });
    this.#work = new Workload(id, context, {
      info: () => this.info,
      onUseless: (why) => this.stop(why, "warn"),
      onRetire: () => this.retire("recycled"),
      onCounted: () => context.owner.onChanged(this),
      onAnswered: () => this.#onAnswered(),
      isWarm: () => this.isWarm,
      lease: () => this.#link.lease,
      onStuck: () => this.stop("hung", "kill"),
      readJournal: () => this.#link.readJournal(),
    });
    this.#link = new WorkerLink(context.host, this.#start.given, this.#linkEvents, context.trace);
    this.#vigil = new Vigil(context.host, options, sampledMemory(this.#start.given), {
      pid: () => this.pid,
      isBusy: () => this.occupied > 0,
      ping: () => this.#link.connection?.ping(),
      look: () => this.#link.look().missing !== undefined,
      onIntolerable: (reason, error) => this.stop(reason, "kill", error),
      onDue: () => this.makeDue("recycled"),
      onSpent: () => this.retire("recycled"),
    });
  }

  /** Takes tasks now. */
  get isReady(): boolean {
    return takesTasks(this.#life.state) && this.#work.isOpen;
  }

  /** It has done what had to precede its first task, if anything. */
  get isWarm(): boolean {
    return this.#life.state.wasWarm;
  }

  get isStarting(): boolean {
    return this.#life.state.phase === "starting";
  }

  /** Ready or starting: neither retiring nor stopping. */
  get isStaying(): boolean {
    return isStaying(this.#life.state) && this.#work.isOpen;
  }

  /** Why it is due for replacement, which happens as soon as it delays no call. */
  get due(): StopReason | undefined {
    return this.#life.state.due;
  }

  get isToBeReplaced(): boolean {
    return isToBeReplaced(this.#life.state);
  }

  get isReplacement(): boolean {
    return this.#life.state.isReplacement;
  }

  /** Why it takes no more tasks. */
  get retired(): StopReason | undefined {
    return this.#life.state.retired;
  }

  get exports(): readonly string[] {
    return this.#work.exports;
  }

  /** Calls can hear what it writes. */
  get isHeard(): boolean {
    return this.#link.isHeard;
  }

  get pid(): number | undefined {
    return this.#link.pid;
  }

  get occupied(): number {
    return this.#work.running;
  }

  get ahead(): number {
    return this.#work.size - this.#work.running;
  }

  /** Tasks sent ahead that were not cancelled. */
  get queued(): number {
    return this.#work.queued;
  }

  get expected(): number {
    return this.#work.expected;
  }

  get movedAt(): number {
    return this.#work.movedAt;
  }

  /** Not if it is to be replaced before it would run them. */
  get takesAhead(): boolean {
    if (!this.isReady || !this.#work.isSmooth || this.due !== undefined) return false;
    return this.#vigil.permits(this.finished + this.#work.size + 1);
  }

  get finished(): number {
    return this.#work.finished;
  }

  /** Calls that ended in it, with a result or an error, which proves that it works. */
  get completed(): number {
    return this.#work.completed;
  }

  /** Since when it has been idle. */
  get idleSince(): number {
    return this.#work.idleSince;
  }

  get info(): WorkerInfo {
    return infoOf(this, this.#life.state.phase, this.#context.host.runtime);
  }

  /** Reads /proc: not for a hot path. */
  get stats(): WorkerStats {
    return withUsage(this.info, this.#context.host.runtime);
  }

  /** To reject the calls it has, or those it has not begun. */
  get calls(): Pick<Workload, "failAll" | "failUnstarted"> {
    return this.#work;
  }

  /** Starts the worker; any failure arrives at the owner's `onDead`. */
  start(): void {
    this.#life.setTimer(this.#context.options.startTimeout);
    this.#link.open(this.#context.module, this.#start.given?.uid).then(
      (door) => this.#spawn(door),
      (error: unknown) => this.#exitedUnborn(error),
    );
  }

  stop(reason: StopReason, manner: StopManner, error?: unknown): void {
    this.#life.handle({ type: "stop", reason, manner, error });
  }

  /** From now on it takes no more tasks, and leaves when it has finished those it has. */
  retire(reason: StopReason): void {
    if (this.isStaying) this.#life.handle({ type: "retire", reason, isIdle: this.occupied === 0 });
  }

  makeDue(reason: StopReason): void {
    if (this.isStaying) this.#life.handle({ type: "due", reason });
  }

  /** It is not due any more. */
  keep(): void {
    this.#life.handle({ type: "kept" });
  }

  /** The worker it replaces is retiring. */
  promote(): void {
    this.#life.handle({ type: "promoted" });
  }

  /** It has done all that had to precede its first task. */
  warmed(): void {
    this.#life.handle({ type: "warmed" });
  }

  /** The age limit applies only once the worker takes calls: otherwise an old one would be replaced before it had served any. */
  #announceReady(): void {
    this.#context.owner.onReady(this);
    if (this.isReady) this.#vigil.onReady(this.#context.host.runtime.now() - this.startedAt);
  }

  notWarmed(broadcast: string, error: unknown): void {
    this.#failedBroadcast = broadcast;
    this.stop("start", "terminate", error);
  }

  /** The worker must be ready, or warming. */
  run(task: Task): void {
    this.#work.run(task);
    this.#vigil.onTask(this.isWarm ? this.finished + this.#work.size : 0);
  }

  #onAnswered(): void {
    this.#vigil.onFinished(this.finished);
    if (this.retired !== undefined && this.occupied === 0) this.#life.handle({ type: "idle" });
    this.#context.owner.onOutcome(this);
  }

  #spawn(door: Door): void {
    const worker = this.#start.now;
    if (!this.isStarting || worker === undefined) {
      this.#exitedUnborn(this.#start.error ?? new Error("The worker was stopped before its process existed"));
      return;
    }
    this.#link.launch(door, worker, initFor(this.#context, worker, this.id));
  }

  #announceStart(): void {
    if (this.#hasAnnouncedStart) return;
    this.#hasAnnouncedStart = true;
    this.#context.owner.onStart(this);
  }

  #exitedUnborn(error: unknown): void {
    this.#announceStart(); // every `exit` event follows a `start` event
    this.#onExit(failedStart(error));
  }

  #onExit(exit: Exit): void {
    this.#vigil.end();
    this.#life.handle({ type: "exited", exit });
  }

  get #linkEvents(): LinkEvents {
    return {
      ...this.#work.taskEvents,
      isWanted: () => this.isStarting,
      onNotStarted: (error) => this.#exitedUnborn(error),
      onStart: () => this.#announceStart(),
      onMoved: (exit) => {
        this.#hasAnnouncedStart = false;
        this.#context.owner.onMoved(this, movedDeath(exit, this.#witnessed));
      },
      onRefused: (error) => this.#context.owner.onRefused(error),
      onKilled: (reason, error) => this.stop(reason, "kill", error),
      onConnected: () => this.#life.handle({ type: "connected" }),
      onHearing: (isHeard) =>
        this.#life.handle({ type: "hearing", isHeard, isHeld: this.#context.options.closeOnSignals }),
      onUnusable: (error) => this.stop("start", "terminate", error),
      onReady: (names) => {
        if (this.#life.state.wasReady) throw new ProtocolError("Expected one Ready, received another");
        if (!this.isStarting) return; // it is stopping already
        this.#work.open(this.#link.connection as Connection, names);
        this.#life.handle({ type: "ready" });
      },
      onStartFailed: (error = new Error("it threw undefined")) =>
        this.#life.handle({ type: "startFailed", error }),
      onBroken: (error) => this.stop("protocol", "kill", error),
      onHeard: () => this.#vigil.onHeard(),
      onClosed: () => this.#life.handle({ type: "channelClosed" }),
      onOutput: (stream, output) => this.#context.owner.onOutput(this, stream, output),
      onOutputRead: (stream, bytes) => this.#work.onOutput(stream, bytes),
      onOutputEnd: () => this.#life.handle({ type: "outputEnded" }),
      onExit: (exit) => this.#onExit(exit),
    };
  }

  #carryOut(deed: Deed): void {
    switch (deed.type) {
      case "warmUp":
        this.#context.owner.onWarming(this);
        break;
      case "announceReady":
        this.#announceReady();
        break;
      case "announceDue":
        this.#context.owner.onDue(this);
        break;
      case "announceRetired":
        this.#context.owner.onRetired(this);
        break;
      case "askToLeave":
        this.#link.leave();
        break;
      case "signal":
        if (deed.name === "SIGTERM" && this.ahead > 0) this.#link.connection?.hold();
        this.#link.signal(deed.name);
        break;
      case "sweepGroup":
        this.#link.sweep(() => this.#life.handle({ type: "groupGone" }));
        break;
      case "bury":
        this.#bury();
        break;
    }
  }

  get #witnessed(): Witnessed {
    const { pid, stderrTail: stderr, uncaught } = this.#link;
    const own = { workerId: this.id, containment: this.#start.given?.containment };
    return { ...own, pid, stderr, uncaught, failedBroadcast: this.#failedBroadcast };
  }

  /** The machine has reached `dead`: nothing can see this worker as alive while its tasks are settled. */
  #bury(): void {
    const lastStarted = this.#link.end();
    const state = withContainmentError(this.#life.state, this.#start.given, this.#link.stderrTail);
    const death = deathOf(state, this.#witnessed);
    const { unstarted, lost, release } = this.#work.end(death, lastStarted);
    this.#context.owner.onDead(this, { ...death, lost, ranTask: lost.length > 0 }, unstarted);
    release();
  }
}
