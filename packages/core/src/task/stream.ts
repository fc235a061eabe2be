/**
 * `pool.stream()`: the items of a generator in a worker, as an async iterator. The call is made at the first `next()`,
 * just as a generator's body starts then. How many items are asked for, and when, is up to the receiver.
 */
import { Receiver } from "../flow/receiver.ts";
import type { Outcome } from "./request.ts";
import type { Task } from "./task.ts";

/** Keeps the host alive while the application waits. */
interface Waiting {
  during<T>(waiting: Promise<T>): Promise<T>;
}

/** @param submit Makes the call; throws when something is wrong with it. */
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
    // The task settles at once; this waits until the worker has ended it.
    stop: async () => task && keepAlive.during(task.stop(noMoreWanted())),
  });
  const outcome: Outcome = {
    fulfil: (value) => receiver.end(value),
    fail: (error, isCancelled) => (isCancelled ? receiver.abort(error) : receiver.fail(error)),
    item: (value) => {
      receiver.push(value);
      return receiver.isFull;
    },
    lost: undefined,
  };
  return receiver;
}

function noMoreWanted(): DOMException {
  return new DOMException("The consumer of the stream wants no more", "AbortError");
}
