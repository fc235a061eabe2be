/**
 * The connection of a queue worker: whether the engine answers, and what is heard of its errors. BullMQ tries again for ever,
 * and an `error` event that nobody hears would end the process.
 */
import type { Worker } from "bullmq";
import { settlesWithin } from "./clock.ts";

export class Connection {
  readonly #name: string;
  readonly #worker: Worker;
  readonly #timeout: number;
  #lastError: unknown;
  #printed = "";

  constructor(name: string, worker: Worker, timeout: number) {
    this.#name = name;
    this.#worker = worker;
    this.#timeout = timeout;
    worker.on("error", (error) => this.#hear(error));
  }

  /** An error that is nobody's call: as BullMQ's own, it becomes an `error` event of the worker. */
  report(error: unknown): void {
    this.#worker.emit("error", error instanceof Error ? error : new Error(String(error)));
  }

  #hear(error: Error): void {
    this.#lastError = error;
    if (this.#worker.listenerCount("error") > 1) return; // somebody else hears it
    const line = `queue ${this.#name}: ${error.message || String(error)}`;
    if (line === this.#printed) return;
    this.#printed = line;
    console.error(line);
  }

  /** Rejects when the engine does not answer in time, or refuses. */
  async ready(): Promise<void> {
    const waiting = this.#worker.waitUntilReady();
    if (await settlesWithin(waiting, this.#timeout)) {
      await waiting.catch((cause: unknown) => this.#fail("does not take this host", cause));
    } else this.#fail(`is not ready after ${this.#timeout} ms (connectTimeout)`, this.#lastError);
  }

  #fail(what: string, cause: unknown): never {
    const said = cause instanceof Error ? cause.message || codesOf(cause) : undefined;
    throw new Error(
      `The engine of queue ${this.#name} ${what}: ${said ?? "it said nothing"}; is \`connection\` right?`,
      cause === undefined ? undefined : { cause },
    );
  }
}

/** An AggregateError of several addresses has no message of its own. */
function codesOf(error: Error): string {
  const { errors, code } = error as { errors?: readonly Error[]; code?: string };
  return errors?.map(({ message }) => message).join("; ") || code || String(error);
}
