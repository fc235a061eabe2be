/**
 * What a worker is sent about its tasks: calls, cancels, and the items of calls whose items flow. Owns their order: a call may
 * have to wait until what the worker wrote before was read, and then all that follows waits behind it.
 */
import type { TaskLink } from "../task/request.ts";
import { type Codec, FrameType } from "../wire/frame.ts";
import type { FrameWriter, Prefix } from "../wire/frame-writer.ts";
import { bytesOfUint32 } from "../wire/integers.ts";
import { type EncodedValue, encode, isJson } from "../wire/value.ts";
import type { Allowances } from "./allowances.ts";
import type { OutputFirst } from "./output-first.ts";

type Frame = Parameters<FrameWriter["write"]>;

export class Outbox {
  readonly #writer: FrameWriter;
  readonly #codec: Codec;
  readonly #allowances: Allowances;
  /** Undefined while nothing has to wait. */
  #waiting: Frame[] | undefined;

  readonly #outputFirst: OutputFirst | undefined;
  #hasEnded = false;

  constructor(writer: FrameWriter, codec: Codec, allowances: Allowances, outputFirst?: OutputFirst) {
    this.#writer = writer;
    this.#codec = codec;
    this.#allowances = allowances;
    this.#outputFirst = outputFirst;
  }

  /** @param prefix The export, the flags and the iterable arguments. */
  call(sequence: number, prefix: Prefix, args: EncodedValue): void {
    this.#allowances.onCall(sequence, prefix);
    this.#write(FrameType.Call, sequence, args, prefix);
  }

  /**
   * The same for a call that hears output. It leaves, and `onSent` is called, when what the worker wrote before was read; what
   * the worker sends waits for its output until `endHearing`.
   */
  callHearing(sequence: number, prefix: Prefix, args: EncodedValue, onSent: () => void): void {
    this.#waiting = [];
    this.call(sequence, prefix, args);
    const send = () => {
      const frames = this.#waiting ?? [];
      this.#waiting = undefined;
      if (this.#hasEnded) return;
      onSent();
      for (const frame of frames) this.#writer.write(...frame);
    };
    if (this.#outputFirst === undefined) send();
    else this.#outputFirst.begin(send);
  }

  /** A call waits until what the worker wrote before was read. */
  get isWaiting(): boolean {
    return this.#waiting !== undefined;
  }

  endHearing(): void {
    this.#outputFirst?.end();
  }

  /** The worker is gone: what waits never leaves. */
  end(): void {
    this.#hasEnded = true;
  }

  cancel(sequence: number, reason: EncodedValue): void {
    const sendable = this.#codec === "json" && !isJson(reason) ? undefined : reason;
    this.#write(FrameType.Cancel, sequence, sendable ?? encode(undefined, "reason"));
  }

  /** The channel to the worker for a call whose items flow. */
  link(sequence: number): TaskLink {
    return {
      pull: (count) => {
        this.#allowances.onPull(sequence, count);
        this.#write(FrameType.Pull, sequence, undefined, bytesOfUint32(count));
      },
      input: (position, item) => {
        this.#allowances.onInput(sequence, position);
        this.#write(FrameType.Input, sequence, item, [position]);
      },
      inputEnd: (position) => this.#write(FrameType.InputEnd, sequence, undefined, [position]),
      inputFailure: (position, error) => this.#write(FrameType.InputFailure, sequence, error, [position]),
    };
  }

  #write(type: FrameType, sequence: number, value?: EncodedValue, prefix?: Prefix): void {
    if (this.#waiting === undefined) this.#writer.write(type, sequence, value, prefix);
    else this.#waiting.push([type, sequence, value, prefix]);
  }
}
