/**
 * The options that one worker is started with. Owns that the application is asked for them once, where it gives a function, and
 * what is changed because calls hear output; their meaning is in options/worker-options.ts.
 */
import { isCaptured, type ResolvedWorkerOptions } from "../options/worker-options.ts";
import type { SlotContext } from "./slot-context.ts";

export interface StartedWorker extends ResolvedWorkerOptions {
  /** Its stdout passes through the host, as stderr always does: it becomes events, or calls hear it. */
  readonly isStdoutRead: boolean;
}

export class StartOptions {
  /** As given; undefined when the application's function threw `error`. */
  readonly given: ResolvedWorkerOptions | undefined;
  readonly error: unknown;
  readonly #output: SlotContext<unknown>["output"];

  constructor({ options, output }: Pick<SlotContext<unknown>, "options" | "output">, id: number) {
    this.#output = output;
    try {
      this.given = options.workerFor({ id });
    } catch (error) {
      this.error = error; // application code threw: reported as a failed start
    }
  }

  /** As they are now, when the process is to be started. */
  get now(): StartedWorker | undefined {
    const { given } = this;
    return given && { ...given, isStdoutRead: this.#output.isWanted || isCaptured(given.stdout) };
  }
}
