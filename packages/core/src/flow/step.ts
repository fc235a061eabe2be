/** What `next()` of an iterator of ours resolves to. */
import { cutOff } from "../bare.ts";

export type Step = IteratorResult<unknown, unknown>;

class Result {
  readonly done: boolean;
  readonly value: unknown;

  constructor(done: boolean, value: unknown) {
    this.done = done;
    this.value = value;
  }

  static {
    cutOff(Result);
  }
}

export function item(value: unknown): Step {
  return new Result(false, value) as Step;
}

export function done(value: unknown): Step {
  return new Result(true, value) as Step;
}
