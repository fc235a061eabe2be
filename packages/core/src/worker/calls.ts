/**
 * The calls a worker has: those that run, and those that wait for a seat or for the loop to turn. Owns the order of
 * their starts, when answers leave, and that whatever has been answered survives what runs next; how one call runs is
 * running-call.ts.
 */
import { FrameType, RUN_TIME_BYTES } from "../wire/frame.ts";
import type { FrameWriter } from "../wire/frame-writer.ts";
import { readUint16, writeUint32 } from "../wire/integers.ts";
import { decode, type EncodedValue, encode } from "../wire/value.ts";
import type { Journal } from "./journal.ts";
import { type CallSurroundings, RunningCall } from "./running-call.ts";
import { type ContextStorage, installContext, type TaskContext } from "./task-context.ts";

export interface CallsSurroundings {
  readonly workerId: number;
  /** Calls that may overlap. */
  readonly concurrency: number;
  readonly writer: FrameWriter;
  readonly contextStorage: ContextStorage;
  /** In the order of the module's exports. */
  readonly tasks: readonly ((...args: unknown[]) => unknown)[];
  now(): number;
  /** Calls back when the event loop has turned once. */
  afterTurn(callback: () => void): void;
  readonly journal: Pick<Journal, "starts" | "keep" | "capacity" | "isMapped">;
}

/**
 * An answer may wait this long for the next task to end, in ms, so that a hundred short ones leave in some writes: a
 * write costs several times what an empty task does.
 */
const MAX_HOLD_MS = 0.1;
/** What ran longer than this the last time, in ms, is not started before every answer has left. */
const SHORT_MS = 0.5;

interface Frame {
  readonly type: number;
  readonly payload: Uint8Array;
  readonly attached: readonly Uint8Array[] | undefined;
}

interface WaitingCall extends Omit<Frame, "type"> {
  /** What has come for it since. */
  frames: Frame[] | undefined;
}

export class Calls implements CallSurroundings {
  readonly workerId: number;
  readonly writer: FrameWriter;
  readonly #worker: CallsSurroundings;
  /** Nearly always the only one that runs. Apart from the others: to put it into a Map and take it out costs as much as it. */
  #sole: RunningCall | undefined;
  /** By id. */
  readonly #others = new Map<number, RunningCall>();
  /** In the order of their coming. */
  readonly #waiting = new Map<number, WaitingCall>();
  /** Of the last run of each export, in ms. */
  readonly #lastRunTimes: number[] = [];
  readonly #runTime = new Uint8Array(RUN_TIME_BYTES);
  /** When the oldest answer that has not left was written. */
  #heldSince = 0;
  #isStartingWaiting = false;
  /** Bytes are being read that may hold another call: nothing of a task runs before they are through. */
  #isReading = false;
  /** The loop is to turn before the next start. */
  #isPausing = false;
  /** A call that was just started may have ended already: its promise is to say so before the next start. */
  #isYielding = false;
  /** More has been written than the journal can keep: the kernel is to take it before the next start. */
  #isAwaitingRoom = false;

  constructor(worker: CallsSurroundings) {
    this.#worker = worker;
    this.workerId = worker.workerId;
    this.writer = worker.writer;
    installContext(worker.contextStorage, () => this.#soleContext);
  }

  /** Reads bytes that hold frames: what is answered meanwhile leaves together. */
  reading(read: () => void): void {
    this.#isReading = true;
    try {
      read();
    } finally {
      this.#isReading = false;
      this.#secure();
    }
  }

  /** `payload` of the Call frame; valid only during the call. */
  onCall(id: number, payload: Uint8Array, attached?: readonly Uint8Array[]): void {
    if (this.#waiting.size === 0 && this.#mayStart()) this.#start(id, payload, attached);
    else this.#waiting.set(id, { payload: new Uint8Array(payload), attached, frames: undefined });
  }

  onCancel(id: number, payload: Uint8Array, attached?: readonly Uint8Array[]): void {
    if (this.#waiting.delete(id)) this.#dismiss(id);
    else this.#find(id)?.cancel(readReason(payload, attached));
  }

  /** Of the flows of a call: what comes for one that waits is its own once it starts. */
  onFrame(type: number, id: number, payload: Uint8Array, attached?: readonly Uint8Array[]): void {
    const waiting = this.#waiting.size === 0 ? undefined : this.#waiting.get(id);
    if (waiting === undefined) this.#find(id)?.onFrame(type, payload, attached);
    else {
      waiting.frames ??= [];
      waiting.frames.push({ type, payload: new Uint8Array(payload), attached });
    }
  }

  tell(id: number, value: EncodedValue): void {
    this.writer.write(FrameType.Progress, id, value);
    this.writer.flush();
    this.#worker.journal.keep(this.writer.unsent);
  }

  afterTurn(callback: () => void): void {
    this.#worker.afterTurn(callback);
  }

  now(): number {
    return this.#worker.now();
  }

  answer({ id, index, startedAt }: RunningCall, type: FrameType, value: EncodedValue): void {
    const now = this.#worker.now();
    this.#lastRunTimes[index] = now - startedAt;
    if (!this.writer.isHolding) this.#heldSince = now;
    this.#write(type, id, value, Math.max(1, Math.round((now - startedAt) * 1_000)));
    if (this.#sole?.id === id) this.#sole = undefined;
    else this.#others.delete(id);
    if (now - startedAt > SHORT_MS) this.#pause();
    if (this.#waiting.size > 0) this.#startWaiting();
    this.#secure();
  }

  #find(id: number): RunningCall | undefined {
    return this.#sole?.id === id ? this.#sole : this.#others.get(id);
  }

  get #soleContext(): TaskContext | undefined {
    const [call, another] = [...this.#others.values(), ...(this.#sole === undefined ? [] : [this.#sole])];
    return another === undefined ? call?.context : undefined;
  }

  get #running(): number {
    return this.#others.size + (this.#sole === undefined ? 0 : 1);
  }

  #mayStart(): boolean {
    if (this.#running >= this.#worker.concurrency) return false;
    if (this.#isPausing || this.#isAwaitingRoom || this.#isYielding) return false;
    if (this.#hasRoom) return true;
    this.writer.flush();
    if (this.#hasRoom) return true;
    this.#isAwaitingRoom = true;
    this.writer.whenSent(() => {
      this.#isAwaitingRoom = false;
      this.#startWaiting();
    });
    return false;
  }

  get #hasRoom(): boolean {
    return this.writer.unsent <= this.#worker.journal.capacity;
  }

  /**
   * What has been answered is to survive whatever this process does next. A start sees to it by itself, so it is for
   * when none follows: before other code of the module, or the loop, goes on.
   */
  #secure(): void {
    if (this.#isReading || this.#isStartingWaiting || this.#worker.journal.isMapped) return;
    if (this.#running + this.#waiting.size === 0) this.writer.flush();
    this.#worker.journal.keep(this.writer.unsent);
  }

  /**
   * After a task that took its time the loop turns once: the host's cancels and pings are heard, and the answer leaves,
   * which a runtime that writes in its own time (Deno) would do only when all that came in one piece has been run.
   */
  #pause(): void {
    if (this.#isPausing) return;
    this.#isPausing = true;
    this.#worker.afterTurn(() => {
      this.#isPausing = false;
      this.#startWaiting();
    });
  }

  /** One that ends at once comes back here: a loop, and not one call deeper for each. */
  #startWaiting(): void {
    if (this.#isStartingWaiting) return;
    this.#isStartingWaiting = true;
    for (const [id, { payload, attached, frames }] of this.#waiting) {
      if (!this.#mayStart()) break;
      this.#waiting.delete(id);
      const call = this.#start(id, payload, attached);
      for (const frame of frames ?? []) call.onFrame(frame.type, frame.payload, frame.attached);
    }
    this.#isStartingWaiting = false;
    this.#secure();
  }

  #start(id: number, payload: Uint8Array, attached: readonly Uint8Array[] | undefined): RunningCall {
    const index = readUint16(payload, 0);
    const startedAt = this.#worker.now();
    this.#letGo(index, startedAt);
    this.#worker.journal.starts(id, this.writer.unsent);
    const flags = payload[2] as number;
    const inputs = payload[3] as number;
    const call = new RunningCall(id, index, flags, startedAt, this);
    if (this.#sole === undefined) this.#sole = call;
    else this.#others.set(id, call);
    const task = this.#worker.tasks[index] as (...args: unknown[]) => unknown;
    const positions = inputs === 0 ? undefined : payload.subarray(4, 4 + inputs);
    call.start(task, { payload, at: 4 + inputs, attached }, positions);
    if (this.#running > 0 && this.#worker.concurrency > 1) this.#yield();
    return call;
  }

  #yield(): void {
    if (this.#isYielding) return;
    this.#isYielding = true;
    queueMicrotask(() => {
      this.#isYielding = false;
      this.#startWaiting();
    });
  }

  /** The task may block the loop, or end the process: answers leave before it, unless it is known to be short. */
  #letGo(index: number, now: number): void {
    if (!this.writer.isHolding) return;
    const isShort = (this.#lastRunTimes[index] ?? Number.POSITIVE_INFINITY) <= SHORT_MS;
    if (!isShort || now - this.#heldSince > MAX_HOLD_MS) this.writer.flush();
  }

  /** It was given up before its start: its answer is that the seat is free. */
  #dismiss(id: number): void {
    this.#write(FrameType.Failure, id, encode(undefined, "reason"), 0);
  }

  #write(type: FrameType, id: number, value: EncodedValue, microseconds: number): void {
    writeUint32(this.#runTime, 0, Math.min(microseconds, MAX_RUN_TIME_US));
    this.writer.write(type, id, value, this.#runTime);
  }
}

/** What the field of an answer holds at most: 71 minutes. */
const MAX_RUN_TIME_US = 2 ** 32 - 1;

/** Aborts in any case: a reason that can't be read here becomes the error that says so. */
function readReason(payload: Uint8Array, attached: readonly Uint8Array[] | undefined): unknown {
  try {
    return decode(payload, 0, attached);
  } catch (error) {
    return error;
  }
}
