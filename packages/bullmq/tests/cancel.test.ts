/** What `cancelJob` says of a job, on a queue that is none: its states as they are read. */
import { expect, test } from "vitest";
import { cancelJob } from "../src/cancel.ts";

function queueOf(states: readonly string[]) {
  const left = [...states];
  const published: unknown[] = [];
  const publishEvent = async (fields: unknown) => void published.push(fields);
  const queue = {
    name: "images",
    opts: {},
    getJobState: async () => left.shift() ?? "active",
    getBackend: () => ({ forQueue: (name: string) => ({ publishEvent, name }) }),
  };
  return {
    published,
    cancel: (timeout?: number) => cancelJob(queue as never, "7", { reason: "enough", timeout }),
  };
}

test.each([1, 2, 3, 4])(
  "a job that is seen active %i times, and then no more, was cancelled",
  async (times) => {
    const { cancel, published } = queueOf([...Array(times).fill("active"), "failed"]);
    expect(await cancel()).toBe(true);
    expect(published).toEqual([{ event: "cancel", jobId: "7", reason: "enough" }]);
  },
);

test.each(["waiting", "completed", "unknown"])("one that is %s was not: nobody is told", async (state) => {
  const { cancel, published } = queueOf([state]);
  expect([await cancel(), published]).toEqual([false, []]);
});

test("one that goes on after the time was not, and is told again", async () => {
  const { cancel, published } = queueOf([]);
  expect(await cancel(1_500)).toBe(false);
  expect(published.length).toBe(2);
});
