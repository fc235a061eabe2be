/**
 * When the answers of a worker leave: a hundred short tasks answer in a few writes, and every answer survives what the process
 * does next. Owns the duration of each export's last run; which call runs next is up to calls.ts.
 */
import { FrameType, RUN_TIME_BYTES } from "../wire/frame.ts";
import type { FrameWriter } from "../wire/frame-writer.ts";
import { writeUint32 } from "../wire/integers.ts";
import { type EncodedValue, encode } from "../wire/value.ts";
import type { Journal } from "./journal.ts";

/**
 * How long an answer may wait for the next task to end, in ms: a write costs several times what an empty task does.
 */
const MAX_HOLD_MS = 0.1;
/** If an export ran longer than this the last time, in ms, every answer leaves before it starts again. */
const SHORT_MS = 0.5;
/** The maximum of the field in an answer: 71 minutes. */
const MAX_RUN_TIME_US = 2 ** 32 - 1;

/** What an answer says of the run. */
export interface Run {
  readonly id: number;
  /** Of the export. */
  readonly index: number;
  readonly startedAt: number;
}

export class Answers {
  readonly #writer: FrameWriter;
  readonly #journal: Pick<Journal, "starts" | "keep" | "capacity" | "isMapped">;
  /** The duration of the last run of each export, in ms. */
  readonly #lastRunTimes: number[] = [];
  readonly #runTime = new Uint8Array(RUN_TIME_BYTES);
  /** When the oldest unsent answer was written. */
  #heldSince = 0;

  constructor(writer: FrameWriter, journal: Pick<Journal, "starts" | "keep" | "capacity" | "isMapped">) {
    this.#writer = writer;
    this.#journal = journal;
  }

  /** Returns whether the task was short. */
  write({ id, index, startedAt }: Run, type: FrameType, value: EncodedValue, now: number): boolean {
    const runTime = now - startedAt;
    this.#lastRunTimes[index] = runTime;
    if (!this.#writer.isHolding) this.#heldSince = now;
    this.#write(type, id, value, Math.max(1, Math.round(runTime * 1_000)));
    return runTime <= SHORT_MS;
  }

  /** It was cancelled before its start: the answer tells the host that its place is free. */
  dismiss(id: number): void {
    this.#write(FrameType.Failure, id, encode(undefined, "reason"), 0);
  }

  /** Leaves before everything that follows. */
  tell(id: number, value: EncodedValue): void {
    this.#writer.write(FrameType.Progress, id, value);
    this.#writer.flush();
    this.#journal.keep(this.#writer.unsent);
  }

  /**
   * A task is about to start, which may block the loop, or end the process: answers leave first, unless it is known to be
   * short.
   */
  beforeStart(id: number, index: number, now: number): void {
    if (this.#writer.isHolding) {
      const isShort = (this.#lastRunTimes[index] ?? Number.POSITIVE_INFINITY) <= SHORT_MS;
      if (!isShort || now - this.#heldSince > MAX_HOLD_MS) this.#writer.flush();
    }
    this.#journal.starts(id, this.#writer.unsent);
  }

  /** Whether the journal can keep what has not left yet. If not, `onRoom` is called once it can. */
  hasRoom(onRoom: () => void): boolean {
    if (this.#fits) return true;
    this.#writer.flush();
    if (this.#fits) return true;
    this.#writer.whenSent(onRoom);
    return false;
  }

  get #fits(): boolean {
    return this.#writer.unsent <= this.#journal.capacity;
  }

  /** No start follows: makes every answer survive before other code of the module, or the loop, continues. */
  secure(isIdle: boolean): void {
    if (this.#journal.isMapped) return;
    if (isIdle) this.#writer.flush();
    this.#journal.keep(this.#writer.unsent);
  }

  #write(type: FrameType, id: number, value: EncodedValue, microseconds: number): void {
    writeUint32(this.#runTime, 0, Math.min(microseconds, MAX_RUN_TIME_US));
    this.#writer.write(type, id, value, this.#runTime);
  }
}
