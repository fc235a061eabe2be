/**
 * The lines that tasks write to a file: when they started and ended, in which process, what they emitted. A task
 * writes them before it continues, so they are true whatever happens to its process. Owns their format.
 */
import { readFileSync } from "node:fs";

/** A start, an end, an end because no more was wanted, an emit, a process it started. */
export type Mark = "start" | "end" | "left" | "emit" | "process";

export interface Line {
  readonly mark: Mark;
  readonly call: string;
  readonly pid: number;
  /** By `clock()`. */
  readonly at: number;
  /** pid of a process it started. */
  readonly other?: number;
  /** For an end: when its process next started something. By then its answer had been written. */
  followedAt?: number;
  /** Of a start: when its process wrote the line before; 0 for its first. */
  precededAt?: number;
}

/** In ms; the same in all processes, give or take a millisecond or two. */
export const clock = (): number => performance.timeOrigin + performance.now();

export const lineOf = ({ mark, call, pid, at, other }: Line): string =>
  `${mark} ${call} ${pid} ${at} ${other ?? ""}\n`;

/** The lines of one call. */
export interface Trace {
  readonly starts: Line[];
  readonly ends: Line[];
  /** Ends that may not have left their process: nothing was started in it after them. */
  readonly lastEnds: Line[];
  emits: number;
}

export class Journal {
  readonly #traces = new Map<string, Trace>();
  /** Started by tasks. */
  readonly processes: number[] = [];

  constructor(text: string) {
    const unfollowed = new Map<number, { trace: Trace; line: Line }[]>();
    const lastLines = new Map<number, number>();
    for (const raw of text.split("\n")) {
      const [mark, call, pid, at, other] = raw.split(" ");
      if (call === undefined || other === undefined) continue;
      const line: Line = { mark: mark as Mark, call, pid: Number(pid), at: Number(at) };
      const trace = this.#ofOrNew(call);
      const precededAt = lastLines.get(line.pid) ?? 0;
      lastLines.set(line.pid, line.at);
      if (line.mark === "start") {
        line.precededAt = precededAt;
        trace.starts.push(line);
        trace.emits = 0;
        for (const end of unfollowed.get(line.pid) ?? []) end.line.followedAt = line.at;
        unfollowed.set(line.pid, []);
      } else if (line.mark === "end") {
        trace.ends.push(line);
        unfollowed.get(line.pid)?.push({ trace, line });
      } else if (line.mark === "emit") trace.emits++;
      else if (line.mark === "process") this.processes.push(Number(other));
    }
    for (const ends of unfollowed.values()) for (const { trace, line } of ends) trace.lastEnds.push(line);
  }

  static read(file: string): Journal {
    try {
      return new Journal(readFileSync(file, "utf8"));
    } catch {
      return new Journal(""); // no task came so far
    }
  }

  of(call: string): Trace {
    return this.#traces.get(call) ?? { starts: [], ends: [], lastEnds: [], emits: 0 };
  }

  /** Of the items of a call. */
  under(call: string): Trace[] {
    return [...this.#traces].filter(([name]) => name.startsWith(`${call}.`)).map(([, trace]) => trace);
  }

  #ofOrNew(call: string): Trace {
    const trace = this.of(call);
    this.#traces.set(call, trace);
    return trace;
  }
}
