/**
 * What flows while a call runs: items to the consumer of a stream, and the items of iterable arguments to the worker. Owns
 * the way there, and what was asked for before there was one.
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

  /** The worker that runs the call; undefined when that is gone and had not begun. */
  connect(link: TaskLink | undefined): void {
    this.#link = link;
    this.#inputs?.connect(link);
    if (this.#pulled > 0) link?.pull(this.#pulled);
  }

  /** The consumer wants so many more items. */
  pull(count: number): void {
    this.#pulled += count;
    this.#link?.pull(count);
  }
}
