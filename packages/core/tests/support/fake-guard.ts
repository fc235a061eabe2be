/** The guard of a fake runtime: remembers how it was started and what it was told, answers looks, and ends by a signal. */
import type { Command, Exit, ProcessEvents, Signal, WorkerProcess } from "../../src/port/runtime.ts";

export class FakeGuard implements WorkerProcess {
  readonly pid: number;
  readonly command: Command;
  readonly signals: Signal[] = [];
  /** The lines it was told, in order. */
  readonly told: string[] = [];
  /** It leaves the looks that it is asked for unanswered. */
  isMute = false;
  /** Its host has given up the right to signal it. */
  isForbidden = false;
  isAlive = true;
  readonly #events: ProcessEvents;
  readonly #isStuck: boolean;

  /** One that is stuck in the kernel does not end by a signal either. */
  constructor(pid: number, command: Command, events: ProcessEvents, isStuck: boolean) {
    this.pid = pid;
    this.command = command;
    this.#events = events;
    this.#isStuck = isStuck;
  }

  signal(name: Signal): boolean | Error {
    this.signals.push(name);
    if (this.isForbidden) return new Error("EPERM");
    if (!this.#isStuck) this.end({ code: null, signal: name });
    return this.isAlive;
  }

  write(bytes: Uint8Array): void {
    if (!this.isAlive) return;
    for (const line of new TextDecoder().decode(bytes).split("\n").slice(0, -1)) {
      this.told.push(line);
      const [name, number] = line.split(" ");
      if (name === "LOOK" && !this.isMute) queueMicrotask(() => this.say(`${number}\n`));
    }
  }

  /** On its standard output. */
  say(text: string): void {
    if (this.isAlive) this.#events.onOutput("stdout", new TextEncoder().encode(text));
  }

  end(exit: Exit): void {
    if (!this.isAlive) return;
    this.isAlive = false;
    queueMicrotask(() => this.#events.onExit(exit));
  }
}
