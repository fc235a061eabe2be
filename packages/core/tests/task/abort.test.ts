import { expect, test } from "vitest";
import { onAbort } from "../../src/task/abort.ts";

/** Counts the listeners of a signal. */
function watched() {
  const controller = new AbortController();
  const { signal } = controller;
  let [added, removed] = [0, 0];
  const { addEventListener, removeEventListener } = signal;
  signal.addEventListener = (...args: Parameters<typeof addEventListener>) => {
    added++;
    addEventListener.apply(signal, args);
  };
  signal.removeEventListener = (...args: Parameters<typeof removeEventListener>) => {
    removed++;
    removeEventListener.apply(signal, args);
  };
  return { controller, signal, counts: () => [added, removed] };
}

test("an abort is told once, with its reason, and leaves nothing to remove", () => {
  const { controller, signal, counts } = watched();
  const heard: unknown[] = [];
  const unsubscribe = onAbort(
    signal,
    (reason) => heard.push(reason),
    () => {},
  );
  controller.abort("enough");
  unsubscribe();
  expect([heard, counts()]).toEqual([["enough"], [1, 0]]);
});

test("nothing is told after the end of the subscription", () => {
  const { controller, signal, counts } = watched();
  const heard: unknown[] = [];
  onAbort(
    signal,
    (reason) => heard.push(reason),
    () => {},
  )();
  controller.abort("late");
  expect([heard, counts()]).toEqual([[], [1, 1]]);
});
