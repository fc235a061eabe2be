/**
 * One call as it runs in the worker: from the Call frame to its one answer. Owns its signal, its progress and its
 * flows of items; calls.ts knows which calls there are.
 */
import { SerializationError } from "../errors.ts";
import { Receiver } from "../flow/receiver.ts";
import { Sender, sourceOf } from "../flow/sender.ts";
import { isThenable } from "../thenable.ts";
import { CallFlag, type ChunkOutcome, FrameType } from "../wire/frame.ts";
import type { FrameWriter } from "../wire/frame-writer.ts";
import { bytesOfUint32 } from "../wire/integers.ts";
import { decode, type EncodedValue, encode, encodeThrown, toUnsendable } from "../wire/value.ts";
import { checkInput, grantOf, unexpected } from "./call-frames.ts";
import { encodeOutcomes, type Outcomes, runChunk } from "./chunk.ts";
import { located } from "./syntax-errors.ts";
import { isContextNeeded, runInContext, type TaskContext } from "./task-context.ts";
import { type Loop, withTurns } from "./turns.ts";

export interface CallSurroundings extends Loop {
  readonly workerId: number;
  readonly writer: FrameWriter;
  /** Sends something that its caller must get, whatever happens to this process. */
  tell(id: number, value: EncodedValue): void;
  /** The call is over. */
  answer(call: RunningCall, type: FrameType, value: EncodedValue): void;
}

/** Valid only during the call. */
export interface EncodedArgs {
  readonly payload: Uint8Array;
  /** Where the arguments begin. */
  readonly at: number;
  /** Their large buffers. */
  readonly attached?: readonly Uint8Array[] | undefined;
}

type AnyFunction = (...args: unknown[]) => unknown;

export class RunningCall {
  readonly id: number;
  /** The index of its export. */
  readonly index: number;
  readonly startedAt: number;
  readonly #flags: number;
  readonly #worker: CallSurroundings;
  #context: TaskContext | undefined;
  /** Created when the task asks for its signal, or is cancelled: most tasks never do or are. */
  #controller: AbortController | undefined;
  #stream: Sender | undefined;
  /** Items that were pulled before the stream existed. */
  #pulled = 0;
  #inputs: Map<number, Receiver> | undefined;
  #isOver = false;

  constructor(id: number, index: number, flags: number, startedAt: number, worker: CallSurroundings) {
    this.id = id;
    this.index = index;
    this.startedAt = startedAt;
    this.#flags = flags;
    this.#worker = worker;
  }

  /** Created on demand. */
  get context(): TaskContext {
    const call = this;
    this.#context ??= {
      get signal() {
        call.#controller ??= new AbortController();
        return call.#controller.signal;
      },
      id: this.id,
      workerId: this.#worker.workerId,
      emit: (value) => call.#emit(value),
    };
    return this.#context;
  }

  /** `positions` are the arguments that are iterables. */
  start(task: AnyFunction, { payload, at, attached }: EncodedArgs, positions?: Uint8Array): void {
    try {
      const args = decode(payload, at, attached) as unknown[];
      if (positions !== undefined) {
        for (const position of positions) args[position] = this.#openInput(position);
      }
      if (isContextNeeded()) runInContext(this, () => this.#run(task, args));
      else this.#run(task, args);
    } catch (error) {
      this.#fail(error);
    }
  }

  cancel(reason: unknown): void {
    this.#controller ??= new AbortController();
    runInContext(this, () => {
      this.#controller?.abort(reason);
      this.#stream?.stop();
      this.#endInputs(reason); // a loop that reads them may be waiting for an item that never comes
    });
  }

  onFrame(type: number, payload: Uint8Array, attached?: readonly Uint8Array[]): void {
    if (type === FrameType.Pull) {
      this.pull(grantOf(payload, this.#stream === undefined ? this.#pulled : this.#stream.granted));
      return;
    }
    if (this.#isOver) return; // its answer crosses the frame
    checkInput(type, payload);
    const position = payload[0] as number;
    const input = this.#inputs?.get(position);
    if (input === undefined) throw unexpected(`argument ${position} of task ${this.id} to be an iterable`);
    if (type === FrameType.Input && !input.isOwed) {
      throw unexpected(`no more items of argument ${position} of task ${this.id} than were asked for`);
    }
    try {
      if (type === FrameType.Input) input.push(decode(payload, 1, attached));
      else if (type === FrameType.InputEnd) input.end(undefined);
      else if (type === FrameType.InputFailure) input.fail(decode(payload, 1, attached));
    } catch (error) {
      // For example shared memory that is gone: the loop that reads the items throws it.
      input.fail(error);
      this.#write(FrameType.InputStop, undefined, [position]);
    }
  }

  #run(task: AnyFunction, args: unknown[]): void {
    if (this.#is(CallFlag.Chunk)) {
      this.#runChunk(task, args as unknown[][])
        .then(({ list }) => this.#take(task, list))
        .catch((error: unknown) => this.#fail(error));
      return;
    }
    const result = task(...args);
    if (isThenable(result)) {
      Promise.resolve(result)
        .then((value) => this.#take(task, value))
        .catch((error: unknown) => this.#fail(error));
    } else this.#take(task, result);
  }

  #runChunk(task: AnyFunction, items: unknown[][]): Promise<Outcomes> {
    return runChunk(
      task,
      items,
      this.#worker,
      () => this.#controller?.signal.aborted === true,
      (body) => (isContextNeeded() ? runInContext(this, body) : body()),
    );
  }

  #take(task: AnyFunction, result: unknown): void {
    if (this.#is(CallFlag.Stream)) this.#openStream(task, result);
    else this.#succeed(result);
  }

  /** The host wants so many more items of the stream. */
  pull(count: number): void {
    this.#pulled += count;
    runInContext(this, () => this.#stream?.grant(count));
  }

  #openStream(task: AnyFunction, result: unknown): void {
    const source = sourceOf(result);
    if (source === undefined) {
      throw new TypeError(
        `Expected \`${task.name}\` to return a generator or another iterable, as stream() needs, received ${typeof result}; ` +
          "call it with run()",
      );
    }
    const stream = new Sender(withTurns(source, this.#worker), {
      onItem: (item) => this.#write(FrameType.Item, encode(item, "item")),
      onEnd: (value) => this.#succeed(value),
      onFail: (error) => (error instanceof SerializationError ? this.#unsendable(error) : this.#fail(error)),
    });
    this.#stream = stream;
    if (this.#controller?.signal.aborted === true) stream.stop();
    else if (this.#pulled > 0) runInContext(this, () => stream.grant(this.#pulled));
  }

  #openInput(position: number): Receiver {
    const input = new Receiver({
      pull: (count) => this.#write(FrameType.PullInput, undefined, [position, ...bytesOfUint32(count)]),
      stop: async () => this.#write(FrameType.InputStop, undefined, [position]),
    });
    this.#inputs = (this.#inputs ?? new Map()).set(position, input);
    return input;
  }

  #succeed(result: unknown): void {
    let encoded: EncodedValue;
    try {
      encoded = this.#is(CallFlag.Chunk)
        ? encodeOutcomes(result as ChunkOutcome[])
        : encode(result, "result");
    } catch (error) {
      this.#unsendable(error);
      return;
    }
    this.#answer(FrameType.Result, encoded);
  }

  /** Answers that the result or an item can't be sent. */
  #unsendable(error: unknown): void {
    this.#answer(FrameType.Unsendable, encode(toUnsendable(error), "error"));
  }

  #fail(thrown: unknown): void {
    this.#answer(FrameType.Failure, encodeThrown(located(thrown)));
  }

  #answer(type: FrameType, value: EncodedValue): void {
    if (this.#isOver) return;
    this.#isOver = true;
    if (this.#inputs !== undefined) this.#endInputs(new Error("The task is over"));
    this.#worker.answer(this, type, value);
  }

  #endInputs(reason: unknown): void {
    if (this.#inputs === undefined) return;
    for (const input of this.#inputs.values()) input.revoke(reason);
  }

  #write(type: FrameType, value: EncodedValue | undefined, prefix?: readonly number[]): void {
    if (!this.#isOver) this.#worker.writer.write(type, this.id, value, prefix);
  }

  #emit(value: unknown): void {
    if (this.#is(CallFlag.Progress) && !this.#isOver) this.#worker.tell(this.id, encode(value, "progress"));
  }

  #is(flag: number): boolean {
    return (this.#flags & flag) !== 0;
  }
}
