/**
 * Lets the event loop turn between pieces of work that compute: a cancel or a ping is heard, and what was written leaves.
 * Items of a chunk and of a generator follow one another by microtasks, so that it would turn only behind the last.
 */
import type { Source } from "../flow/sender.ts";

export interface Loop {
  /** In ms, with fractions. */
  now(): number;
  /** Calls back when the event loop has turned once. */
  afterTurn(callback: () => void): void;
}

/** Work goes on for so long, in ms, before the loop turns. One piece may take longer: it is not interrupted. */
const MAX_WITHOUT_TURN_MS = 5;

export class Turns {
  readonly #loop: Loop;
  #turnedAt: number;

  constructor(loop: Loop) {
    this.#loop = loop;
    this.#turnedAt = loop.now();
  }

  /** To be waited for before the next piece; undefined where none is due. */
  due(): Promise<void> | undefined {
    if (this.#loop.now() - this.#turnedAt < MAX_WITHOUT_TURN_MS) return undefined;
    return new Promise((resolve) => {
      this.#loop.afterTurn(() => {
        this.#turnedAt = this.#loop.now();
        resolve();
      });
    });
  }
}

/** The same source, with turns between its items. */
export function withTurns(source: Source, loop: Loop): Source {
  const turns = new Turns(loop);
  let isEnded = false;
  const next = () => (isEnded ? { done: true, value: undefined } : source.next());
  return {
    next: () => {
      const turn = turns.due();
      return turn === undefined ? next() : turn.then(next);
    },
    return: () => {
      isEnded = true;
      return source.return?.();
    },
  };
}
