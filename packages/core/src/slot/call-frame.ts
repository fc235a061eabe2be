/** The bytes of a Call before its arguments: the export, the flags, and which arguments are iterables. */

import type { TaskRequest } from "../task/request.ts";
import { bytesOfUint16 } from "../wire/integers.ts";

/** The prefixes for the exports of one worker, by name. */
export class CallPrefixes {
  readonly #plain: ReadonlyMap<string, readonly number[]>;

  constructor(names: readonly string[]) {
    this.#plain = new Map(names.map((name, index) => [name, [...bytesOfUint16(index), 0, 0]]));
  }

  get names(): readonly string[] {
    return [...this.#plain.keys()];
  }

  /** Undefined when there is no such export. */
  of({ name, flags, inputs }: TaskRequest): readonly number[] | undefined {
    const plain = this.#plain.get(name);
    if (plain === undefined || (flags === 0 && inputs === undefined)) return plain;
    const positions = inputs?.positions ?? [];
    return [...plain.slice(0, 2), flags, positions.length, ...positions];
  }
}
