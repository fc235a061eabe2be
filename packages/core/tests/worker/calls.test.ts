import { AsyncLocalStorage } from "node:async_hooks";
import { describe, expect, test } from "vitest";
import { FrameType, RUN_TIME_BYTES } from "../../src/wire/frame.ts";
import { FrameWriter } from "../../src/wire/frame-writer.ts";
import { bytesOfUint16, readUint32 } from "../../src/wire/integers.ts";
import { decode } from "../../src/wire/value.ts";
import { Calls } from "../../src/worker/calls.ts";
import { RecordingChannel } from "../support/channel.ts";
import { settled } from "../support/fake-clock.ts";
import { readFrames } from "../support/frames.ts";
import { valueBytes } from "../support/value-bytes.ts";

/** Export 0 takes so long by the clock of the test; export 1 ends when it is let go. */
const SPIN = 0;
const WAIT = 1;

function setUp(concurrency = 1) {
  const channel = new RecordingChannel();
  const writer = new FrameWriter(channel, true);
  let now = 0;
  const turns: (() => void)[] = [];
  /** What happened, in its order: a start is recorded before it, a write has left. */
  const events: string[] = [];
  const waiting = new Map<string, () => void>();
  const calls = new Calls({
    workerId: 1,
    concurrency,
    writer,
    contextStorage: new AsyncLocalStorage() as never,
    tasks: [
      (name, ms) => {
        events.push(`run ${name}, ${channel.writes.length} writes`);
        now += ms as number;
        return name;
      },
      (name) => {
        events.push(`run ${name}`);
        return new Promise((resolve) => waiting.set(name as string, () => resolve(name)));
      },
    ],
    now: () => now,
    afterTurn: (callback) => turns.push(callback),
    recorder: { record: (id) => events.push(`record ${id}`) },
  });
  return {
    calls,
    events,
    runs: () => events.filter((event) => event.startsWith("run ")),
    call: (id: number, index: number, ...args: unknown[]) => calls.onCall(id, callPayload(index, args)),
    release: async (name: string) => {
      waiting.get(name)?.();
      await settled();
    },
    turn: () => turns.shift()?.(),
    writes: () => channel.writes.length,
    /** Each answer: its call, its value, and its run time in µs. */
    answers: () => {
      writer.flush();
      return readFrames(channel.writes).map(({ type, task, payload }) => [
        task,
        type === FrameType.Result ? decode(payload, RUN_TIME_BYTES) : "failure",
        readUint32(payload, 0),
      ]);
    },
  };
}

/** The payload of a Call. */
const callPayload = (index: number, args: readonly unknown[]) =>
  Uint8Array.from([...bytesOfUint16(index), 0, 0, ...valueBytes(args)]);

describe("what is sent ahead", () => {
  test("waits for a seat and starts in order, each with its record before it", async () => {
    const { call, release, events } = setUp(2);
    for (const [id, name] of ["a", "b", "c", "d"].entries()) call(id + 1, WAIT, name);
    expect(events).toEqual(["record 1", "run a", "record 2", "run b"]);
    await release("b");
    expect(events.slice(4)).toEqual(["record 3", "run c"]);
    await release("a");
    expect(events.slice(6)).toEqual(["record 4", "run d"]);
  });

  test("is kept though the bytes it came in are written over", async () => {
    const { call, calls, release, answers } = setUp();
    call(1, WAIT, "a");
    const lent = callPayload(SPIN, ["b", 0.1]);
    calls.onCall(2, lent);
    lent.fill(0xee);
    await release("a");
    expect(answers().map(([, value]) => value)).toEqual(["a", "b"]);
  });

  test("is taken out by a cancel, which is answered, and never starts", async () => {
    const { call, calls, release, events, answers } = setUp();
    call(1, WAIT, "a");
    call(2, SPIN, "b", 0.1);
    call(3, SPIN, "c", 0.1);
    calls.onCancel(2, new Uint8Array([0]));
    await release("a");
    expect(events).toEqual(["record 1", "run a", "record 3", "run c, 1 writes"]);
    expect(answers().map(([id, value, time]) => [id, value, (time as number) > 0])).toEqual([
      [2, "failure", false], // it was not measured
      [1, "a", true],
      [3, "c", true],
    ]);
  });

  test("by the thousand overflows no stack", async () => {
    const { call, release, answers } = setUp();
    call(1, WAIT, "a");
    for (let id = 2; id <= 20_001; id++) call(id, SPIN, id, 0);
    await release("a");
    expect(answers()).toHaveLength(20_001);
  });
});

describe("an answer", () => {
  test("says how long its task ran, in µs, and never that it took no time", () => {
    const { call, turn, answers } = setUp();
    call(1, SPIN, "a", 1.5);
    turn();
    call(2, SPIN, "b", 0);
    expect(answers()).toEqual([
      [1, "a", 1_500],
      [2, "b", 1],
    ]);
  });

  test("leaves before a task starts of which nothing is known, or that was long the last time", async () => {
    const { call, turn, runs } = setUp();
    call(1, SPIN, "unknown", 0.6);
    turn();
    call(2, SPIN, "long", 0.01);
    call(3, SPIN, "short", 0.01);
    expect(runs()).toEqual(["run unknown, 0 writes", "run long, 1 writes", "run short, 1 writes"]);
  });

  test("waits for short tasks for a tenth of a millisecond, and no longer", async () => {
    const { call, runs, writes } = setUp();
    for (let id = 1; id <= 6; id++) call(id, SPIN, id, 0.04);
    // Those of 1 to 3 leave together, before 4 is begun: the first of them has then waited 0.08 ms, and 0.12 before 5.
    expect(runs().map((run) => Number(/(\d) writes/.exec(run)?.[1]))).toEqual([0, 0, 0, 0, 1, 1]);
    await settled();
    expect(writes()).toBe(2);
  });
});

describe("after a task that took its time", () => {
  test("the loop turns before the next starts, so that a cancel is heard", () => {
    const { call, calls, turn, events } = setUp();
    call(1, SPIN, "a", 0.6);
    call(2, SPIN, "b", 0.1);
    call(3, SPIN, "c", 0.1);
    expect(events).toEqual(["record 1", "run a, 0 writes"]);
    calls.onCancel(2, new Uint8Array([0]));
    turn();
    expect(events.slice(2)).toEqual(["record 3", "run c, 1 writes"]);
  });

  test("but not after a short one", () => {
    const { call, runs } = setUp();
    call(1, SPIN, "a", 0.4);
    call(2, SPIN, "b", 0.4);
    expect(runs()).toHaveLength(2);
  });
});

test("a cancel of a call that is over, or unknown, is no error", () => {
  const { call, calls, answers } = setUp();
  call(1, SPIN, "a", 0.1);
  calls.onCancel(1, new Uint8Array([0]));
  calls.onCancel(9, new Uint8Array([0]));
  expect(answers()).toHaveLength(1);
});
