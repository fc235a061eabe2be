/**
 * Writes a job's progress: one write at a time, and of what came meanwhile only the last. So the order holds, and a task that
 * emits faster than the engine writes costs no memory.
 */
import type { Job } from "bullmq";

export class Progress {
  readonly #job: Job;
  readonly #onError: (error: unknown) => void;
  #next: { readonly value: unknown } | undefined;
  #writing: Promise<void> | undefined;

  constructor(job: Job, onError: (error: unknown) => void) {
    this.#job = job;
    this.#onError = onError;
  }

  set(value: unknown): void {
    this.#next = { value };
    this.#writing ??= this.#write();
  }

  /** Resolves when nothing waits to be written; undefined where nothing does. */
  get written(): Promise<void> | undefined {
    return this.#writing;
  }

  async #write(): Promise<void> {
    while (this.#next !== undefined) {
      const { value } = this.#next;
      this.#next = undefined;
      try {
        await this.#job.updateProgress((value ?? null) as never);
      } catch (error) {
        this.#onError(error);
      }
    }
    this.#writing = undefined;
  }
}
