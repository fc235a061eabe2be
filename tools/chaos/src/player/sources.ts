/**
 * The inputs of calls: iterable arguments, and argument lists for `map`. Owns that each is known to be open or ended,
 * and that those which never yield again can be released at the end of a program.
 */
import { createReadStream } from "node:fs";
import { Readable } from "node:stream";
import { setImmediate as turn, setTimeout as wait } from "node:timers/promises";
import type { Input, Source } from "../program.ts";
import { failureOf, itemOf } from "./values.ts";

const MISSING_FILE = "/no/such/file";

export class Sources {
  /** Started and not ended, by the name of the call. */
  readonly open: Set<string> = new Set();
  #letGo: () => void = () => {};
  readonly #isOver = new Promise<void>((resolve) => {
    this.#letGo = resolve;
  });

  /** Sources that wait for ever continue to their end. */
  letGo(): void {
    this.#letGo();
  }

  input(input: Input, call: string): AsyncIterable<unknown> {
    if (input.of === "missing file") return createReadStream(MISSING_FILE);
    if (input.of === "generator") return this.#generate(input, call, (i) => itemOf(call, i));
    const items = (): AsyncGenerator<unknown> => this.#generate(input, call, (i) => itemOf(call, i));
    return Readable.from(items());
  }

  argumentLists(
    source: Source,
    call: string,
    list: (index: number) => readonly unknown[],
  ): Iterable<readonly unknown[]> | AsyncIterable<readonly unknown[]> {
    const { items = Number.POSITIVE_INFINITY, ends } = source;
    if (source.of === "later" || ends === "stuck") {
      return this.#generate({ ...source, fails: ends === "fails" }, call, list, ends === "stuck");
    }
    if (source.of === "array" && ends === undefined && Number.isFinite(items)) {
      return Array.from({ length: items }, (_, i) => list(i));
    }
    return this.#generateNow(items, ends === "fails", call, list);
  }

  async *#generate<T>(
    { items = Number.POSITIVE_INFINITY, every, fails }: { items?: number; every?: number; fails?: boolean },
    call: string,
    give: (index: number) => T,
    isStuck = false,
  ): AsyncGenerator<T> {
    this.open.add(call);
    try {
      for (let i = 0; i < items; i++) {
        if (every !== undefined) await (every === 0 ? turn() : wait(every));
        yield give(i);
      }
      if (fails) throw failureOf(call);
      if (isStuck) await this.#isOver;
    } finally {
      this.open.delete(call);
    }
  }

  *#generateNow<T>(items: number, fails: boolean, call: string, give: (index: number) => T): Generator<T> {
    this.open.add(call);
    try {
      for (let i = 0; i < items; i++) yield give(i);
      if (fails) throw failureOf(call);
    } finally {
      this.open.delete(call);
    }
  }
}
