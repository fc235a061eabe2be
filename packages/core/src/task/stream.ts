/**
 * `pool.stream()`: the items of a generator in a worker, as an async iterator. The call is made with the first `next()`,
 * as a generator's body begins with it; what is asked for, and when, is the receiver's.
 */
import { Receiver } from "../flow/receiver.ts";
import type { Outcome } from "./request.ts";
import type { Task } from "./task.ts";

/** What keeps the host alive while somebody waits. */
interface Waiting {
  during<T>(waiting: Promise<T>): Promise<T>;
}

/** @param submit Makes the call; it may throw what is wrong with it. */
export function openStream(
  submit: (outcome: Outcome) => Task,
  keepAlive: Waiting,
): AsyncIterableIterator<unknown, unknown, undefined> {
  let task: Task | undefined;
  const receiver: Receiver = new Receiver({
    pull: (count) => {
      try {
        task ??= submit(outcome);
        task.pull(count);
      } catch (error) {
        receiver.abort(error);
      }
    },
    // Settled at once, and waited for until the worker has ended it.
    stop: async () => task && keepAlive.during(task.stop(noMoreWanted())),
  });
  const outcome: Outcome = {
    fulfil: (value) => receiver.end(value),
    fail: (error, isCancelled) => (isCancelled ? receiver.abort(error) : receiver.fail(error)),
    item: (value) => {
      receiver.push(value);
      return receiver.isFull;
    },
  };
  return receiver;
}

function noMoreWanted(): DOMException {
  return new DOMException("The consumer of the stream wants no more", "AbortError");
}
