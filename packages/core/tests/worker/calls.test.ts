/** In which order the calls of a worker start, and when their answers leave. */
import { describe, expect, test } from "vitest";
import { callPayload, callsScene, SPIN, WAIT } from "../support/calls-scene.ts";
import { many } from "../support/effort.ts";
import { settled } from "../support/fake-clock.ts";

describe("what is sent ahead", () => {
  test("waits for a seat and starts in order, each noted before it", async () => {
    const { call, release, events } = callsScene({ concurrency: 2 });
    const starts = () =>
      events.map((event) => event.split(",")[0]).filter((event) => !event?.startsWith("keep"));
    for (const [id, name] of ["a", "b", "c", "d"].entries()) call(id + 1, WAIT, name);
    await settled();
    expect(starts()).toEqual(["start 1", "run a", "start 2", "run b"]);
    await release("b");
    expect(starts().slice(4)).toEqual(["start 3", "run c"]);
    await release("a");
    expect(starts().slice(6)).toEqual(["start 4", "run d"]);
  });

  test("is kept though the bytes it came in are written over", async () => {
    const { call, calls, release, answers } = callsScene();
    call(1, WAIT, "a");
    const lent = callPayload(SPIN, ["b", 0.1]);
    calls.onCall(2, lent);
    lent.fill(0xee);
    await release("a");
    expect(answers().map(([, value]) => value)).toEqual(["a", "b"]);
  });

  test("is taken out by a cancel, which is answered, and never starts", async () => {
    const { call, cancel, release, runs, answers } = callsScene();
    call(1, WAIT, "a");
    call(2, SPIN, "b", 0.1);
    call(3, SPIN, "c", 0.1);
    cancel(2);
    await release("a");
    expect(runs()).toEqual(["run a, 0 writes", "run c, 1 writes"]);
    expect(answers().map(([id, value, time]) => [id, value, (time as number) > 0])).toEqual([
      [2, "failure", false], // it was not measured
      [1, "a", true],
      [3, "c", true],
    ]);
  });

  test("by the thousand overflows no stack", async () => {
    const count = many(20_000) + 1;
    const { call, release, answers } = callsScene();
    call(1, WAIT, "a");
    for (let id = 2; id <= count; id++) call(id, SPIN, id, 0);
    await release("a");
    expect(answers()).toHaveLength(count);
  });
});

describe("an answer", () => {
  test("says how long its task ran, in µs, and never that it took no time", () => {
    const { call, turn, answers } = callsScene();
    call(1, SPIN, "a", 1.5);
    turn();
    call(2, SPIN, "b", 0);
    expect(answers()).toEqual([
      [1, "a", 1_500],
      [2, "b", 1],
    ]);
  });

  test("leaves before a task starts of which nothing is known, or that was long the last time", async () => {
    const { calls, call, turn, runs } = callsScene();
    calls.reading(() => {
      call(1, SPIN, "unknown", 0.6);
      call(2, SPIN, "long", 0.01);
      call(3, SPIN, "short", 0.01);
    });
    turn();
    expect(runs()).toEqual(["run unknown, 0 writes", "run long, 1 writes", "run short, 1 writes"]);
  });

  test("waits for short tasks for a tenth of a millisecond, and no longer", async () => {
    const { calls, call, runs, writes } = callsScene();
    calls.reading(() => {
      for (let id = 1; id <= 6; id++) call(id, SPIN, id, 0.04);
    });
    // Those of 1 to 3 leave together, before 4 is begun: the first of them has then waited 0.08 ms, and 0.12 before 5.
    expect(runs().map((run) => Number(/(\d) writes/.exec(run)?.[1]))).toEqual([0, 0, 0, 0, 1, 1]);
    await settled();
    expect(writes()).toBe(2);
  });
});

describe("after a task that took its time", () => {
  test("the loop turns before the next starts, so that a cancel is heard", () => {
    const { calls, call, cancel, turn, runs } = callsScene();
    calls.reading(() => {
      call(1, SPIN, "a", 0.6);
      call(2, SPIN, "b", 0.1);
      call(3, SPIN, "c", 0.1);
    });
    expect(runs()).toEqual(["run a, 0 writes"]);
    calls.reading(() => cancel(2));
    turn();
    expect(runs().slice(1)).toEqual(["run c, 1 writes"]); // its answer, and that of the cancel
  });

  test("but not after a short one", () => {
    const { call, runs } = callsScene();
    call(1, SPIN, "a", 0.4);
    call(2, SPIN, "b", 0.4);
    expect(runs()).toHaveLength(2);
  });
});

test("a cancel of a call that is over is no error", () => {
  const { call, cancel, answers } = callsScene();
  call(1, SPIN, "a", 0.1);
  cancel(1);
  expect(answers()).toHaveLength(1);
});
