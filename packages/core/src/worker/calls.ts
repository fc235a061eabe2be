/**
 * The calls a worker has: those that run, and those that wait for a running one to end or for the loop to turn. Owns
 * the order of their starts; answers.ts owns when answers leave, running-call.ts how one call runs.
 */
import { inMicrotask } from "../microtask.ts";
import { FrameType, frameName } from "../wire/frame.ts";
import type { FrameWriter } from "../wire/frame-writer.ts";
import { readUint16 } from "../wire/integers.ts";
import { decode, type EncodedValue } from "../wire/value.ts";
import { Answers } from "./answers.ts";
import { checkCall, grantOf, unexpected } from "./call-frames.ts";
import type { Journal } from "./journal.ts";
import { type CallSurroundings, RunningCall } from "./running-call.ts";
import { type ContextStorage, installContext, type TaskContext } from "./task-context.ts";

export interface CallsSurroundings {
  readonly workerId: number;
  /** Calls that may overlap. */
  readonly concurrency: number;
  readonly writer: FrameWriter;
  readonly contextStorage: ContextStorage;
  /** The module's exports, in order. */
  readonly tasks: readonly ((...args: unknown[]) => unknown)[];
  now(): number;
  /** Calls back once the event loop has turned. */
  afterTurn(callback: () => void): void;
  readonly journal: Pick<Journal, "starts" | "keep" | "capacity" | "isMapped">;
}

interface WaitingCall {
  readonly payload: Uint8Array;
  readonly attached: readonly Uint8Array[] | undefined;
  /** Items that were pulled since. */
  pulled: number;
  /** Arguments whose iterables have failed since, each once. */
  failures: Map<number, Failed> | undefined;
}

interface Failed {
  readonly payload: Uint8Array;
  readonly attached: readonly Uint8Array[] | undefined;
}

export class Calls implements CallSurroundings {
  readonly workerId: number;
  readonly writer: FrameWriter;
  readonly #worker: CallsSurroundings;
  /**
   * Nearly always the only running call. Kept apart from the others: adding it to a Map and removing it costs as much
   * as the call.
   */
  #sole: RunningCall | undefined;
  /** By id. */
  readonly #others = new Map<number, RunningCall>();
  readonly #answers: Answers;
  /** In order of arrival. */
  readonly #waiting = new Map<number, WaitingCall>();
  /** The number of the last call that has come. */
  #lastId = 0;
  #isStartingWaiting = false;
  /** Bytes are being read that may contain another call: no other task code runs until they are processed. */
  #isReading = false;
  /** The loop must turn before the next start. */
  #isPausing = false;
  /** A call that was just started may have ended already: its promise must report that before the next start. */
  #isYielding = false;
  /** More has been written than the journal can keep: the kernel must take it before the next start. */
  #isAwaitingRoom = false;
  /** What waits is for another worker: this one is asked to end. */
  #isHeld = false;

  constructor(worker: CallsSurroundings) {
    this.#worker = worker;
    this.workerId = worker.workerId;
    this.writer = worker.writer;
    this.#answers = new Answers(worker.writer, worker.journal);
    installContext(worker.contextStorage, () => this.#soleContext);
  }

  /** Reads bytes that contain frames: answers written in the meantime leave together. */
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
    if (id <= this.#lastId) throw unexpected(`a task above ${this.#lastId}, received ${id}`);
    checkCall(payload, this.#worker.tasks.length);
    this.#lastId = id;
    if (this.#waiting.size === 0 && this.#mayStart()) this.#start(id, payload, attached);
    else
      this.#waiting.set(id, { payload: new Uint8Array(payload), attached, pulled: 0, failures: undefined });
  }

  /** From now on no call starts. */
  hold(): void {
    this.#isHeld = true;
  }

  onCancel(id: number, payload: Uint8Array, attached?: readonly Uint8Array[]): void {
    this.#checkGiven(id);
    if (this.#waiting.delete(id)) this.#answers.dismiss(id);
    else this.#find(id)?.cancel(readReason(payload, attached));
  }

  /**
   * A frame of a call's flows. A call that still waits has asked for nothing: items of a stream can be pulled, and an
   * iterable may fail by itself.
   */
  onFrame(type: number, id: number, payload: Uint8Array, attached?: readonly Uint8Array[]): void {
    this.#checkGiven(id);
    const waiting = this.#waiting.size === 0 ? undefined : this.#waiting.get(id);
    if (waiting === undefined) this.#find(id)?.onFrame(type, payload, attached);
    else if (type === FrameType.Pull) waiting.pulled += grantOf(payload, waiting.pulled);
    else if (type === FrameType.InputFailure && payload.length > 0) {
      waiting.failures ??= new Map();
      waiting.failures.set(payload[0] as number, { payload: new Uint8Array(payload), attached });
    } else throw unexpected(`no ${frameName(type)} of task ${id}, which has not begun`);
  }

  /** An answer may cross a frame of its call, so that an old number says nothing. */
  #checkGiven(id: number): void {
    if (id === 0 || id > this.#lastId) throw unexpected(`a task from 1 to ${this.#lastId}, received ${id}`);
  }

  tell(id: number, value: EncodedValue): void {
    this.#answers.tell(id, value);
  }

  afterTurn(callback: () => void): void {
    this.#worker.afterTurn(callback);
  }

  now(): number {
    return this.#worker.now();
  }

  answer(call: RunningCall, type: FrameType, value: EncodedValue): void {
    const wasShort = this.#answers.write(call, type, value, this.#worker.now());
    if (this.#sole === call) this.#sole = undefined;
    else this.#others.delete(call.id);
    if (!wasShort) this.#pause();
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
    if (this.#isPausing || this.#isAwaitingRoom || this.#isYielding || this.#isHeld) return false;
    if (this.#answers.hasRoom(this.#onRoom)) return true;
    this.#isAwaitingRoom = true;
    return false;
  }

  readonly #onRoom = (): void => {
    this.#isAwaitingRoom = false;
    this.#startWaiting();
  };

  /** A start secures the answers before it by itself; this is for when none follows. */
  #secure(): void {
    if (this.#isReading || this.#isStartingWaiting) return;
    this.#answers.secure(this.#running + this.#waiting.size === 0);
  }

  /**
   * After a task that took its time, the loop turns once, so that the host's cancels and pings are read and the
   * answer leaves. A runtime that defers its writes (Deno) would otherwise send it only after every call that arrived
   * in one piece has run.
   */
  #pause(): void {
    if (this.#isPausing) return;
    this.#isPausing = true;
    this.#worker.afterTurn(() => {
      this.#isPausing = false;
      this.#startWaiting();
    });
  }

  /** A call that ends at once returns here: a loop, not one stack frame deeper for each. */
  #startWaiting(): void {
    if (this.#isStartingWaiting) return;
    this.#isStartingWaiting = true;
    for (const [id, { payload, attached, pulled, failures }] of this.#waiting) {
      if (!this.#mayStart()) break;
      this.#waiting.delete(id);
      const call = this.#start(id, payload, attached);
      if (pulled > 0) call.pull(pulled);
      for (const failed of failures?.values() ?? []) {
        call.onFrame(FrameType.InputFailure, failed.payload, failed.attached);
      }
    }
    this.#isStartingWaiting = false;
    this.#secure();
  }

  #start(id: number, payload: Uint8Array, attached: readonly Uint8Array[] | undefined): RunningCall {
    const index = readUint16(payload, 0);
    const startedAt = this.#worker.now();
    this.#answers.beforeStart(id, index, startedAt);
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
    inMicrotask(() => {
      this.#isYielding = false;
      this.#startWaiting();
    });
  }
}

/**
 * The reason of an abort, which happens in any case: if the reason can't be read, the error that says so takes its
 * place.
 */
function readReason(payload: Uint8Array, attached: readonly Uint8Array[] | undefined): unknown {
  try {
    return decode(payload, 0, attached);
  } catch (error) {
    return error;
  }
}
