/**
 * What a worker may send for each call besides the answer: items of a stream that were pulled, progress if the call has
 * `onProgress`, requests for items of an iterable argument. Owns these counts; the connection reads the frames.
 */
import { ProtocolError } from "../errors.ts";
import { CallFlag, WINDOW } from "../wire/frame.ts";
import type { Prefix } from "../wire/frame-writer.ts";

interface Allowance {
  readonly isStream: boolean;
  readonly reportsProgress: boolean;
  /** Pulled and not received yet. */
  items: number;
  /** By the position of the argument: items asked for and not sent yet. */
  readonly asked: Map<number, number>;
}

export class Allowances {
  /** Only calls that allow anything: most don't. */
  readonly #bySequence = new Map<number, Allowance>();

  /** @param prefix Of the Call frame. */
  onCall(sequence: number, prefix: Prefix): void {
    const flags = prefix[FLAGS_AT] as number;
    if ((flags & (CallFlag.Stream | CallFlag.Progress)) === 0 && prefix.length === POSITIONS_AT) return;
    const asked = new Map<number, number>();
    for (let at = POSITIONS_AT; at < prefix.length; at++) asked.set(prefix[at] as number, 0);
    this.#bySequence.set(sequence, {
      isStream: (flags & CallFlag.Stream) !== 0,
      reportsProgress: (flags & CallFlag.Progress) !== 0,
      items: 0,
      asked,
    });
  }

  onPull(sequence: number, count: number): void {
    const allowance = this.#bySequence.get(sequence);
    if (allowance !== undefined) allowance.items += count;
  }

  onInput(sequence: number, position: number): void {
    const asked = this.#bySequence.get(sequence)?.asked;
    if (asked !== undefined) asked.set(position, (asked.get(position) as number) - 1);
  }

  onAnswer(sequence: number): void {
    if (this.#bySequence.size > 0) this.#bySequence.delete(sequence);
  }

  // --- what the worker sends; each throws a ProtocolError when it is not allowed ---

  item(sequence: number): void {
    const allowance = this.#bySequence.get(sequence);
    if (allowance?.isStream !== true) throw unwanted(`no item of task ${sequence}, which is no stream`);
    if (allowance.items === 0) throw unwanted(`no more items of task ${sequence} than were pulled`);
    allowance.items--;
  }

  progress(sequence: number): void {
    if (this.#bySequence.get(sequence)?.reportsProgress !== true) {
      throw unwanted(`no progress of task ${sequence}: the call did not ask for it`);
    }
  }

  pullInput(sequence: number, position: number, count: number): void {
    const asked = this.#askedOf(sequence, position);
    if (count === 0) throw unwanted(`one item or more of task ${sequence} to be asked for, or nothing`);
    const total = (asked.get(position) as number) + count;
    if (total > WINDOW) {
      throw unwanted(`at most ${WINDOW} items of argument ${position} of task ${sequence} to be asked for`);
    }
    asked.set(position, total);
  }

  /** Whether the call has not been answered. */
  has(sequence: number): boolean {
    return this.#bySequence.has(sequence);
  }

  inputStop(sequence: number, position: number): void {
    this.#askedOf(sequence, position);
  }

  #askedOf(sequence: number, position: number): Map<number, number> {
    const asked = this.#bySequence.get(sequence)?.asked;
    if (asked?.has(position) === true) return asked;
    throw unwanted(`argument ${position} of task ${sequence} to be an iterable`);
  }
}

/** Offsets in the prefix of a Call, after the index of the export. */
const FLAGS_AT = 2;
const POSITIONS_AT = 4;

function unwanted(expected: string): ProtocolError {
  return new ProtocolError(`Expected ${expected}; the worker violates the protocol`);
}
