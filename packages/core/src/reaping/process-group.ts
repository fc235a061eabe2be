/**
 * The process group of one worker, from its start until the group is empty: starts the leader, puts the group on the
 * guard's list, signals all of it, empties it, takes it off the list; has it looked for what left it (looks.ts). Owns the
 * retries of a start that the system refuses for the moment; slot/machine.ts decides everything else about a worker's life.
 */
import { inMicrotask } from "../microtask.ts";
import type { Command, Exit, ProcessEvents, Runtime, Signal, Timer, WorkerProcess } from "../port/runtime.ts";
import type { Guard } from "./guard.ts";
import type { Looks } from "./looks.ts";
import { readBelow } from "./process-table.ts";
import { isPassing, TRY_AGAIN_AFTER } from "./refusal.ts";

/** What the host process provides for all its workers. */
export interface GroupSurroundings {
  readonly runtime: Pick<Runtime, "startTimer" | "now" | "readFile" | "listFolder">;
  readonly spawn: Runtime["spawn"];
  readonly guard: Pick<Guard, "add" | "remove" | "signal" | "startOf">;
  readonly looks: Pick<Looks, "add">;
}

/** Time between checks whether a dead worker's group is empty; mostly the first finds it so. In ms. */
const SWEEP_MS = 2;
/** The same where the guard has to send the signals. */
const SWEEP_BY_GUARD_MS = 20;

/** So many processes below a worker are noted before it is killed; each costs some small files. */
const MAX_NOTED = 256;
/** The unit of start times, USER_HZ, and how exactly the host's clock can tell them, in ms. */
const TICK_MS = 10;
const CLOCK_SLACK_MS = 1_000;

export interface GroupEvents extends ProcessEvents {
  /** The leader runs, or could not be started: then it has no pid, and `onExit` follows. */
  onStart(): void;
  /** Once, when this host may not signal the group. The guard does it in its place, if that may. */
  onRefused(error: Error): void;
}

export class ProcessGroup {
  readonly #host: GroupSurroundings;
  readonly #command: Command;
  readonly #events: GroupEvents;
  /** The value of its mark; undefined: what has left the group is left alone. */
  readonly #mark: number | undefined;
  #below: Map<number, string> = new Map();
  #startedAt = 0;
  #leader: WorkerProcess | undefined;
  #tries = 0;
  #again: { timer: Timer; exit: Exit } | undefined;
  #isLeft = false;
  /** Its leader has ended. */
  #isOver = false;
  #isRefused = false;
  /** False once it is signalled: a start that was refused is then not retried. */
  #isWanted = true;

  /** @param mark The value of its mark, with which the command must start it; undefined: what leaves the group may live. */
  constructor(host: GroupSurroundings, command: Command, events: GroupEvents, mark?: number) {
    this.#host = host;
    this.#command = command;
    this.#events = events;
    this.#mark = mark;
  }

  /** Also the group's number: the worker is its leader. */
  get pid(): number | undefined {
    return this.#leader?.pid;
  }

  /** Starts the leader. Never throws: a failed start arrives at `onExit`. */
  start(): void {
    this.#leader = this.#host.spawn(this.#command, { ...this.#events, onExit: (exit) => this.#onExit(exit) });
    if (this.pid === undefined) return;
    this.#startedAt = this.#host.runtime.now();
    this.#host.guard.add(this.pid, this.#mark !== undefined);
    this.#events.onStart();
  }

  /** Call before the worker ends: what hangs below it is found by that even if it hides its mark. */
  note(): void {
    if (this.#mark === undefined || this.pid === undefined || this.#isOver) return;
    for (const [pid, start] of readBelow(this.#host.runtime, this.pid, MAX_NOTED))
      this.#below.set(pid, start);
  }

  /** False when the group is empty. */
  signal(name: Signal): boolean {
    this.#isWanted = false;
    this.note();
    if (this.#again === undefined) return this.#signalGroup(name);
    const { timer, exit } = this.#again;
    timer.cancel();
    this.#again = undefined;
    inMicrotask(() => this.#fail(exit)); // an exit is never reported from within a call
    return false;
  }

  #signalGroup(name: Signal): boolean {
    const sent = this.#leader?.signal(name) ?? false;
    if (typeof sent === "boolean") return sent;
    this.#host.guard.signal(this.pid as number, name);
    if (!this.#isRefused) {
      this.#isRefused = true;
      this.#events.onRefused(refused(name, this.pid as number, sent));
    }
    return true;
  }

  /** Sends SIGKILL again and again: a killed process stays for a moment longer. */
  sweep(onEmpty: () => void): void {
    if (this.#isLeft) return;
    if (this.signal("SIGKILL")) {
      const wait = this.#isRefused ? SWEEP_BY_GUARD_MS : SWEEP_MS;
      this.#host.runtime.startTimer(wait, () => this.sweep(onEmpty));
    } else {
      this.leave();
      onEmpty();
    }
  }

  /** Takes the group off the guard's list: when it is empty, or when its slot has waited long enough for that. */
  leave(): void {
    if (this.#isLeft) return; // by now the number may belong to another worker
    this.#isLeft = true;
    if (this.pid !== undefined) this.#host.guard.remove(this.pid);
  }

  #onExit(exit: Exit): void {
    const wait = TRY_AGAIN_AFTER[this.#tries++];
    if (exit.error === undefined) {
      this.#lookForRemains();
      this.#events.onExit(exit);
    } else if (wait === undefined || !this.#isWanted || !isPassing(exit.error)) this.#fail(exit);
    else {
      const timer = this.#host.runtime.startTimer(wait, () => {
        this.#again = undefined;
        this.start();
      });
      this.#again = { timer, exit };
    }
  }

  #lookForRemains(): void {
    this.#isOver = true;
    if (this.#mark === undefined || this.pid === undefined) return;
    const { runtime, guard, looks } = this.#host;
    const since = guard.startOf(this.pid);
    const lived = runtime.now() - this.#startedAt + CLOCK_SLACK_MS;
    const till = since === "" ? "" : String(Number(since) + Math.ceil(lived / TICK_MS));
    looks.add({ mark: this.#mark, leader: this.pid, since, till, below: this.#below });
  }

  #fail(exit: Exit): void {
    this.#events.onStart();
    this.#events.onExit(exit);
  }
}

function refused(name: Signal, pid: number, cause: Error): Error {
  const error = new Error(
    `Cannot send ${name} to the worker with pid ${pid}: this process may not signal it (${cause.message}). It has given ` +
      "up rights that it had when it started the worker. The guard, which was started with them, is asked to do it; to " +
      "be independent of that, change the user before the first worker is started, or give the workers the same `uid`",
    { cause },
  );
  return Object.assign(error, { code: "EPERM" });
}
