/** The guard of a fake runtime: remembers how it was started and ends by a signal. */
import type { Command, Exit, ProcessEvents, Signal, WorkerProcess } from "../../src/port/runtime.ts";

export class FakeGuard implements WorkerProcess {
  readonly pid: number;
  readonly command: Command;
  readonly signals: Signal[] = [];
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

  signal(name: Signal): boolean {
    this.signals.push(name);
    if (!this.#isStuck) this.end({ code: null, signal: name });
    return this.isAlive;
  }

  end(exit: Exit): void {
    if (!this.isAlive) return;
    this.isAlive = false;
    queueMicrotask(() => this.#events.onExit(exit));
  }
}
