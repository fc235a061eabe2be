/**
 * Lets the event loop turn between pieces of computing work, so that cancels and pings are read and written frames
 * leave (when answers are written, and together, is decided in answers.ts). Items of a chunk and of a generator follow one another by microtasks, so the loop would otherwise turn only
 * after the last one.
 */
import { endSource, readStep, type Source } from "../flow/sender.ts";
import { done, item, type Step } from "../flow/step.ts";
import { isThenable } from "../thenable.ts";

export interface Loop {
  /** In ms, with fractions. */
  now(): number;
  /** Calls back once the event loop has turned. */
  afterTurn(callback: () => void): void;
}

/** How long work continues before the loop turns, in ms. One piece may take longer: it is not interrupted. */
const MAX_WITHOUT_TURN_MS = 5;

export class Turns {
  readonly #loop: Loop;
  #turnedAt: number;

  constructor(loop: Loop) {
    this.#loop = loop;
    this.#turnedAt = loop.now();
  }

  /** Awaited before the next piece; undefined if no turn is due. */
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

/** The same source, with turns of the loop between its items. */
export function withTurns(source: Source, loop: Loop): Source {
  const turns = new Turns(loop);
  let isEnded = false;
  const next = () => (isEnded ? done(undefined) : source.next());
  const later = (): Step | PromiseLike<unknown> => {
    const given = next();
    if (isThenable(given)) return given;
    const { done: isLast, value } = readStep(given);
    return isLast ? done(value) : item(value); // a promise is resolved with it
  };
  return {
    next: () => {
      const turn = turns.due();
      return turn === undefined ? next() : turn.then(later);
    },
    return: () => {
      isEnded = true;
      return endSource(source);
    },
  };
}
