/** What the tasks have written down, read as it grows. Owns the meaning of a line. */
import { openSync, readSync } from "node:fs";

/** One time that a task has begun, in a process. */
export interface Run {
  readonly job: string;
  readonly host: string;
  readonly pid: number;
  /** In ms since 1970, as the task saw it. */
  readonly startedAt: number;
  finishedAt: number | undefined;
}

/** Puts the lines together to runs, in the order in which they began. */
export class Ledger {
  readonly runs: Run[] = [];
  readonly #open = new Map<string, Run>();
  #rest = "";

  /** Takes further text; a line that is not whole yet waits for its end. */
  take(text: string): void {
    const lines = `${this.#rest}${text}`.split("\n");
    this.#rest = lines.pop() ?? "";
    for (const line of lines) this.#takeLine(line);
  }

  #takeLine(line: string): void {
    const [, what, job = "", host = "", pid = "", at = ""] =
      /^(start|finish) (\S+) (\S+) (\d+) (\d+)$/.exec(line) ?? [];
    if (what === undefined)
      throw new Error(`Expected a line of the ledger, received ${JSON.stringify(line)}`);
    const key = `${job} ${pid}`; // a process runs one job at a time
    if (what === "start") {
      const run: Run = { job, host, pid: Number(pid), startedAt: Number(at), finishedAt: undefined };
      this.runs.push(run);
      this.#open.set(key, run);
      return;
    }
    const run = this.#open.get(key);
    if (run === undefined) throw new Error(`Expected ${JSON.stringify(line)} to follow a start`);
    run.finishedAt = Number(at);
    this.#open.delete(key);
  }

  /** Those that have begun and not ended, whatever became of their processes. */
  get unfinished(): Iterable<Run> {
    return this.#open.values();
  }
}

const PIECE = 1 << 16;

/** Follows a file: each call takes what has been added to it. */
export function follow(file: string, ledger: Ledger): () => void {
  const descriptor = openSync(file, "r");
  const decoder = new TextDecoder();
  const piece = new Uint8Array(PIECE);
  return () => {
    for (;;) {
      const length = readSync(descriptor, piece);
      if (length === 0) return;
      ledger.take(decoder.decode(piece.subarray(0, length), { stream: true }));
    }
  };
}
