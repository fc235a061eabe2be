/**
 * What flows while a call runs: items to the consumer of a stream, and the items of iterable arguments to the worker. Owns
 * the link to the worker, and what was asked for before there was one.
 */
import type { Inputs } from "./inputs.ts";
import type { TaskLink } from "./request.ts";

export class ItemFlow {
  readonly #inputs: Inputs | undefined;
  #link: TaskLink | undefined;
  #pulled = 0;

  constructor(inputs: Inputs | undefined) {
    this.#inputs = inputs;
  }

  /** @param link To the worker that runs the call; undefined when that worker died before it began. */
  connect(link: TaskLink | undefined): void {
    this.#link = link;
    this.#inputs?.connect(link);
    if (this.#pulled > 0) link?.pull(this.#pulled);
  }

  /** The consumer asks for `count` more items. */
  pull(count: number): void {
    this.#pulled += count;
    this.#link?.pull(count);
  }
}
