import { describe, expect, test } from "vitest";
import { Events, type PoolEvents } from "../../src/pool/events.ts";
import type { WorkerInfo } from "../../src/port/worker-info.ts";
import { settled } from "../support/fake-clock.ts";

const worker: WorkerInfo = { id: 1, pid: 2, state: "idle", uptime: 5, running: 0, finished: 0 };
const ready: PoolEvents["ready"] = { worker };

/** Events of which nobody is to be warned. */
const quiet = () => new Events((message) => expect.unreachable(message));

describe("an event", () => {
  test("reaches those who listen to it, in the order in which they came, and nobody else", () => {
    const events = quiet();
    const heard: string[] = [];
    events.on("ready", (event) => heard.push(`first ${event.worker.id}`));
    events.on("ready", (event) => heard.push(`second ${event.worker.id}`));
    events.on("start", () => heard.push("start"));
    events.emit("ready", ready);
    expect(heard).toEqual(["first 1", "second 1"]);
  });

  test("is the object that was given, not a copy", () => {
    const events = quiet();
    let heard: unknown;
    events.on("ready", (event) => {
      heard = event;
    });
    events.emit("ready", ready);
    expect(heard).toBe(ready);
  });

  test("no longer reaches who has unsubscribed, however often they do", () => {
    const events = quiet();
    let count = 0;
    const off = events.on("ready", () => count++);
    events.emit("ready", ready);
    off();
    off();
    events.emit("ready", ready);
    expect(count).toBe(1);
  });

  test("reaches a function as often as it was given, and each subscription ends by itself", () => {
    const events = quiet();
    let count = 0;
    const listener = () => void count++;
    const off = events.on("ready", listener);
    events.on("ready", listener);
    events.emit("ready", ready);
    expect(count).toBe(2);
    off();
    events.emit("ready", ready);
    expect(count).toBe(3);
  });

  test("that nobody listens to goes nowhere", () => {
    expect(() => quiet().emit("ready", ready)).not.toThrow();
  });

  test("is heard by a listener added while it is delivered from the next time on", () => {
    const events = quiet();
    const heard: string[] = [];
    const offs = [
      events.on("ready", () => {
        heard.push("first");
        if (heard.length > 10) throw new Error("The delivery never ends");
        offs.push(events.on("ready", () => heard.push("added")));
      }),
    ];
    events.emit("ready", ready);
    expect(heard).toEqual(["first"]);
    events.emit("ready", ready);
    expect(heard).toEqual(["first", "first", "added"]);
  });

  test("that is renewed by its own listener is delivered once", () => {
    const events = quiet();
    let count = 0;
    const listen = () => {
      const off = events.on("ready", () => {
        if (++count > 10) return; // without an end of its own the test would hang
        off();
        listen();
      });
    };
    listen();
    events.emit("ready", ready);
    expect(count).toBe(1);
  });

  test("skips a listener that was removed while it is delivered", () => {
    const events = quiet();
    const heard: string[] = [];
    events.on("ready", () => {
      heard.push("first");
      off();
    });
    const off = events.on("ready", () => heard.push("second"));
    events.emit("ready", ready);
    expect(heard).toEqual(["first"]);
  });
});

describe("a listener that throws", () => {
  const mine = new Error("mine");

  function setUp() {
    const warnings: string[] = [];
    const told: unknown[] = [];
    const events = new Events((message) => warnings.push(message));
    const onError = () => events.on("error", ({ error, where }) => told.push([error, where]));
    return { events, warnings, told, onError };
  }

  /** What a listener may do that is no return. */
  const manners: [string, () => unknown][] = [
    [
      "throws",
      () => {
        throw mine;
      },
    ],
    ["rejects", () => Promise.reject(mine)],
    [
      "returns a thenable that rejects",
      // biome-ignore lint/suspicious/noThenProperty: it is the point
      () => ({ then: (_: unknown, reject: (error: unknown) => void) => reject(mine) }),
    ],
    [
      "returns what throws when it is looked at",
      () => ({
        // biome-ignore lint/suspicious/noThenProperty: as above
        get then() {
          throw mine;
        },
      }),
    ],
  ];

  test.each(manners)(
    "and %s keeps the event from nobody, and who listens to `error` is told",
    async (_, manner) => {
      const { events, warnings, told, onError } = setUp();
      let heard = 0;
      onError();
      events.on("ready", manner);
      events.on("ready", () => heard++);
      expect(() => events.emit("ready", ready)).not.toThrow();
      await settled();
      expect([heard, told, warnings]).toEqual([1, [[mine, "a listener of `ready`"]], []]);
    },
  );

  test.each(manners)("and %s is a warning where nobody listens", async (_, manner) => {
    const { events, warnings } = setUp();
    events.on("exit", manner);
    events.emit("exit", {
      worker,
      exit: { code: 0, signal: null },
      reason: "idle",
      error: undefined,
      likelyCause: "",
      tasks: [],
    });
    await settled();
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toMatch(
      /^reapool: a listener of `exit` threw; listen to `error` to handle this\. .*mine/s,
    );
  });

  test.each(manners)(
    "and %s, of `error` itself, is a warning, and the others are told",
    async (_, manner) => {
      const { events, warnings, told, onError } = setUp();
      events.on("error", manner);
      onError();
      events.report("given", "onProgress");
      await settled();
      expect(told).toEqual([["given", "onProgress"]]);
      expect(warnings).toEqual([expect.stringMatching(/a listener of `error` threw.*mine/s)]);
    },
  );

  test.each<[string, unknown]>([
    ["an object without words", { toString: 1, valueOf: 1 }],
    ["an object without a prototype", Object.create(null)],
    ["an error whose stack throws", Object.defineProperty(new Error(), "stack", { get: () => fail() })],
    ["a symbol", Symbol("odd")],
    ["undefined", undefined],
  ])("what it throws may be anything: %s", (_, odd) => {
    const { events, warnings } = setUp();
    events.on("ready", () => {
      throw odd;
    });
    expect(() => events.emit("ready", ready)).not.toThrow();
    expect(warnings).toHaveLength(1);
  });
});

function fail(): never {
  throw new Error("nobody may ask");
}

describe("listening", () => {
  test.each<[string, unknown, string]>([
    [
      "a name that is near another",
      "exti",
      "Unknown event exti: expected one of start, ready, exit, retry, result, needsDrain, drain, broken, recovered, error, stdout, stderr; did you mean exit?",
    ],
    [
      "a name that is near none",
      "message",
      "Unknown event message: expected one of start, ready, exit, retry, result, needsDrain, drain, broken, recovered, error, stdout, stderr",
    ],
    ["a name of Object.prototype", "constructor", "Unknown event constructor: expected one of"],
    ["a symbol", Symbol("exit"), "Unknown event Symbol(exit): expected one of"],
    ["undefined", undefined, "Unknown event undefined: expected one of"],
  ])("to %s is a TypeError", (_, name, message) => {
    const listen = () => quiet().on(name as "exit", () => {});
    expect(listen).toThrow(TypeError);
    expect(listen).toThrow(message);
  });

  test("with what is no function is a TypeError", () => {
    expect(() => quiet().on("exit", undefined as never)).toThrow(
      new TypeError("Expected a function to listen to `exit`, received undefined"),
    );
  });

  test("is known while anybody does", () => {
    const events = quiet();
    expect(events.hasListeners("stdout")).toBe(false);
    const offs = [events.on("stdout", () => {}), events.on("stdout", () => {})];
    offs[0]?.();
    expect([events.hasListeners("stdout"), events.hasListeners("stderr")]).toEqual([true, false]);
    offs[1]?.();
    expect(events.hasListeners("stdout")).toBe(false);
  });
});
