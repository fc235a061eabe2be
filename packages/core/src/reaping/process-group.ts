/**
 * The process group of one worker, from its start until the group is empty: starts the leader, puts the group on the
 * guard's list, signals all of it, empties it, takes it off the list. Owns the retries of a start that the system
 * refuses for the moment; slot/machine.ts decides everything else about a worker's life.
 */
import { inMicrotask } from "../microtask.ts";
import type { Command, Exit, ProcessEvents, Runtime, Signal, Timer, WorkerProcess } from "../port/runtime.ts";
import type { Guard } from "./guard.ts";
import { isPassing, TRY_AGAIN_AFTER } from "./refusal.ts";

/** What the host process provides for all its workers. */
export interface GroupSurroundings {
  readonly runtime: Pick<Runtime, "startTimer">;
  readonly spawn: Runtime["spawn"];
  readonly guard: Pick<Guard, "add" | "remove" | "signal">;
}

/** Time between checks whether a dead worker's group is empty; mostly the first finds it so. In ms. */
const SWEEP_MS = 2;
/** The same where the guard has to send the signals. */
const SWEEP_BY_GUARD_MS = 20;

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
  #leader: WorkerProcess | undefined;
  #tries = 0;
  #again: { timer: Timer; exit: Exit } | undefined;
  #isLeft = false;
  #isRefused = false;
  /** False once it is signalled: a start that was refused is then not retried. */
  #isWanted = true;

  constructor(host: GroupSurroundings, command: Command, events: GroupEvents) {
    this.#host = host;
    this.#command = command;
    this.#events = events;
  }

  /** Also the group's number: the worker is its leader. */
  get pid(): number | undefined {
    return this.#leader?.pid;
  }

  /** Starts the leader. Never throws: a failed start arrives at `onExit`. */
  start(): void {
    this.#leader = this.#host.spawn(this.#command, { ...this.#events, onExit: (exit) => this.#onExit(exit) });
    if (this.pid === undefined) return;
    this.#host.guard.add(this.pid);
    this.#events.onStart();
  }

  /** False when the group is empty. */
  signal(name: Signal): boolean {
    this.#isWanted = false;
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
    if (exit.error === undefined) this.#events.onExit(exit);
    else if (wait === undefined || !this.#isWanted || !isPassing(exit.error)) this.#fail(exit);
    else {
      const timer = this.#host.runtime.startTimer(wait, () => {
        this.#again = undefined;
        this.start();
      });
      this.#again = { timer, exit };
    }
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
