/** What has been answered survives whatever the process does next: it has left, or lies in the journal. */
import { describe, expect, test } from "vitest";
import { CallFlag } from "../../src/wire/frame.ts";
import { callsScene, EMIT, INSTANT, SPIN, TEXT, WAIT } from "../support/calls-scene.ts";
import { settled } from "../support/fake-clock.ts";

/** Above the capacity of the journal here. */
const LARGE = 5_000;
const SMALL = 500;

describe("with more unsent than the journal can keep", () => {
  test("no task starts until the kernel has it; then all do, in order", async () => {
    const { channel, call, runs, answers } = callsScene();
    channel.isFull = true;
    call(1, TEXT, LARGE);
    for (const id of [2, 3]) call(id, SPIN, id, 0);
    expect(runs()).toHaveLength(1);
    channel.isFull = false;
    channel.take();
    expect(runs().map((run) => run.split(",")[0])).toEqual([`run text ${LARGE}`, "run 2", "run 3"]);
    expect(answers().map(([id]) => id)).toEqual([1, 2, 3]);
  });

  test.each([
    ["is less than it can keep", SMALL, true],
    ["has been taken", LARGE, false],
  ])("only then: the next starts at once where what was written %s", (_, length, isFull) => {
    const { channel, call, runs } = callsScene();
    channel.isFull = isFull;
    call(1, TEXT, length);
    call(2, SPIN, "b", 0);
    expect(runs()).toHaveLength(2);
  });

  test("what was written is sent before it is waited for", () => {
    const { calls, channel, call, runs } = callsScene();
    calls.reading(() => {
      call(1, TEXT, LARGE); // still in this process: nobody has read all that came
      call(2, SPIN, "b", 0);
    });
    expect([runs().length, channel.writes.length]).toEqual([2, 2]);
  });

  test("cancels are heard, and what was cancelled is answered and does not start", () => {
    const { channel, call, cancel, runs, answers } = callsScene();
    channel.isFull = true;
    call(1, TEXT, LARGE);
    for (const id of [2, 3]) call(id, SPIN, id, 0);
    cancel(2);
    channel.isFull = false;
    channel.take();
    expect(runs().map((run) => run.split(",")[0])).toEqual([`run text ${LARGE}`, "run 3"]);
    expect(answers().map(([id, value]) => [id, value === "failure"])).toEqual([
      [1, false],
      [2, true],
      [3, false],
    ]);
  });

  test("the loop has turned as well, where it is to", () => {
    const { channel, call, turn, runs } = callsScene();
    channel.isFull = true;
    call(1, TEXT, LARGE);
    call(2, SPIN, "b", 5);
    call(3, SPIN, "c", 0);
    channel.isFull = false;
    channel.take();
    expect(runs()).toHaveLength(2);
    turn();
    expect(runs()).toHaveLength(3);
  });

  test("it is waited for again after each that writes so much", () => {
    const { channel, call, runs } = callsScene();
    channel.isFull = true;
    for (const id of [1, 2, 3]) call(id, TEXT, LARGE);
    const started: number[] = [];
    for (let round = 0; round < 3; round++) {
      started.push(runs().length);
      channel.take();
    }
    expect(started).toEqual([1, 2, 3]);
  });
});

describe("bytes that were read", () => {
  test("are read to their end before an answer leaves, which then does at once where nothing runs", () => {
    const { calls, call, writes } = callsScene();
    calls.reading(() => {
      call(1, SPIN, "a", 0.01);
      call(2, SPIN, "b", 0.01);
      expect(writes()).toBe(0);
    });
    expect(writes()).toBe(1);
  });

  test("leave what was answered in the journal where something runs", async () => {
    const { calls, call, release, events, writer, writes } = callsScene({ concurrency: 2 });
    call(1, WAIT, "a");
    await release("a"); // so that it is known to be short: all leaves before a task of which nothing is known
    const before = writes();
    calls.reading(() => {
      call(2, SPIN, "b", 0.01);
      call(3, WAIT, "c");
    });
    expect([writes(), writer.unsent > 0]).toEqual([before, true]);
    expect(events.slice(-2)).toEqual(["run c, 1 writes", `keep ${writer.unsent}`]);
  });

  test("leave it there also when the reader throws", () => {
    const { calls, call, writes } = callsScene();
    const read = () => {
      call(1, SPIN, "a", 0.01);
      throw new Error("garbage");
    };
    expect(() => calls.reading(read)).toThrow("garbage");
    expect(writes()).toBe(1);
  });

  test("need neither where whatever is written is in the journal's memory", () => {
    const { calls, call, events, writes } = callsScene({ isMapped: true, concurrency: 2 });
    calls.reading(() => {
      call(1, SPIN, "a", 0.01);
      call(2, SPIN, "b", 0.01);
    });
    expect([writes(), events.filter((event) => event.startsWith("keep"))]).toEqual([0, []]);
  });
});

describe("an answer that comes by itself", () => {
  test("of a promise that was settled already is safe before the next starts", async () => {
    const { calls, call, events } = callsScene({ concurrency: 3 });
    calls.reading(() => {
      for (const id of [1, 2, 3]) call(id, INSTANT, id);
    });
    await settled();
    for (const id of [2, 3]) {
      const at = events.findIndex((event) => event.startsWith(`start ${id}`));
      const left = Number(/, (\d) writes/.exec(events[at + 1] as string)?.[1]);
      expect(left === id - 1 || / keep [1-9]/.test(events[at] as string)).toBe(true);
    }
  });

  test("leaves at once where nothing else runs", async () => {
    const { call, release, writes, events } = callsScene();
    call(1, WAIT, "a");
    await release("a");
    expect([writes(), events.at(-1)]).toEqual([1, "run a, 0 writes"]);
  });

  test("is kept before anything else can run where something does", async () => {
    const { call, release, events } = callsScene({ concurrency: 2 });
    call(1, WAIT, "a");
    call(2, WAIT, "b");
    await release("a");
    expect(events.at(-1)).toMatch(/^keep [1-9]/);
  });

  test("is safe by the start of the next where one waits", async () => {
    const { call, release, events } = callsScene();
    call(1, WAIT, "a");
    call(2, WAIT, "b");
    await release("a");
    expect(events[2]).toMatch(/^start 2, keep [1-9]/);
  });
});

describe("progress", () => {
  test("leaves at once, each by itself, though its task computes on", () => {
    const { callWith, runs, told } = callsScene();
    callWith(1, EMIT, ["a", "b"], CallFlag.Progress);
    expect(runs()).toEqual(["run emitted a, 1 writes", "run emitted b, 2 writes"]);
    expect(told(1)).toEqual(["a", "b"]);
  });

  test("is in the journal at once where the kernel does not take it", () => {
    const { channel, callWith, events } = callsScene();
    channel.isFull = true;
    callWith(1, EMIT, ["a", "b"], CallFlag.Progress);
    const [first, second] = events
      .filter((event) => event.startsWith("keep"))
      .map((event) => Number(event.slice(5)));
    expect(events.map((event) => event.split(" ")[0])).toEqual([
      "start",
      "keep",
      "run",
      "keep",
      "run",
      "keep",
    ]);
    expect(second).toBe((first as number) * 2);
  });

  test("that nobody listens to is not sent", () => {
    const { callWith, runs, told } = callsScene();
    callWith(1, EMIT, ["a"], 0);
    expect([runs(), told(1)]).toEqual([["run emitted a, 0 writes"], []]);
  });
});
