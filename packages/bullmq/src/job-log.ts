/**
 * Writes lines into a job's log: in order, one write at a time. What waits is bounded, and so is a line; what a task writes
 * faster than the engine takes it is left out, and the log says how much.
 */
import { Job, type Worker } from "bullmq";

const MAX_WAITING = 1_000;
const MAX_LINE = 4_000;

type Stream = "stdout" | "stderr";

export class JobLog {
  readonly #worker: Worker;
  readonly #job: Job;
  readonly #keep: number;
  readonly #onError: (error: unknown) => void;
  readonly #decoders: Readonly<Record<Stream, LineDecoder>>;
  #waiting: string[] = [];
  #leftOut = 0;
  #writing: Promise<void> | undefined;

  /** @param keep How many lines the log keeps, if the job itself does not say. */
  constructor(worker: Worker, job: Job, keep: number, onError: (error: unknown) => void) {
    this.#worker = worker;
    this.#job = job;
    this.#keep = job.opts.keepLogs ?? keep;
    this.#onError = onError;
    const add = (line: string) => this.add(line);
    this.#decoders = { stdout: new LineDecoder(add), stderr: new LineDecoder(add) };
  }

  output(stream: Stream, bytes: Uint8Array): void {
    this.#decoders[stream].push(bytes);
  }

  add(line: string): void {
    if (this.#waiting.length >= MAX_WAITING) {
      this.#leftOut++;
      return;
    }
    this.#waiting.push(line);
    this.#writing ??= this.#write();
  }

  /** Resolves when all lines are written, including one without an end; undefined where they are. */
  finish(): Promise<void> | undefined {
    this.#decoders.stdout.end();
    this.#decoders.stderr.end();
    return this.#writing;
  }

  async #write(): Promise<void> {
    for (;;) {
      let line = this.#waiting.shift();
      if (line === undefined) {
        if (this.#leftOut === 0) break;
        line = `(${this.#leftOut} lines left out: the task wrote faster than they could be kept)`;
        this.#leftOut = 0;
      }
      try {
        await Job.addJobLog(this.#worker as never, this.#job.id as string, line, this.#keep);
      } catch (error) {
        this.#onError(error);
        this.#waiting = []; // the job is gone, or the engine: the next lines would fare no better
        this.#leftOut = 0;
      }
    }
    this.#writing = undefined;
  }
}

/** Bytes to lines; one that is too long is cut. */
class LineDecoder {
  readonly #text = new TextDecoder();
  readonly #onLine: (line: string) => void;
  #rest = "";

  constructor(onLine: (line: string) => void) {
    this.#onLine = onLine;
  }

  push(bytes: Uint8Array): void {
    const lines = (this.#rest + this.#text.decode(bytes, { stream: true })).split("\n");
    this.#rest = lines.pop() ?? "";
    for (const line of lines) this.#emit(line);
    if (this.#rest.length > MAX_LINE) this.end();
  }

  end(): void {
    if (this.#rest !== "") this.#emit(this.#rest);
    this.#rest = "";
  }

  #emit(line: string): void {
    const text = line.endsWith("\r") ? line.slice(0, -1) : line;
    this.#onLine(text.length > MAX_LINE ? `${text.slice(0, MAX_LINE)}…` : text);
  }
}
