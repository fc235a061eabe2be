import { afterEach, describe, expect, test, vi } from "vitest";
import { Events, type PoolEvents } from "../../src/host/events.ts";
import type { WorkerInfo } from "../../src/host/stats.ts";

const worker: WorkerInfo = { id: 1, pid: 2, state: "idle", uptime: 5, running: 0, finished: 0 };
const ready: PoolEvents["ready"] = { worker };

describe("an event", () => {
  test("reaches those who listen to it, in the order in which they came, and nobody else", () => {
    const events = new Events();
    const heard: string[] = [];
    events.on("ready", (event) => heard.push(`first ${event.worker.id}`));
    events.on("ready", (event) => heard.push(`second ${event.worker.id}`));
    events.on("start", () => heard.push("start"));
    events.emit("ready", ready);
    expect(heard).toEqual(["first 1", "second 1"]);
  });

  test("is the object that was given, not a copy", () => {
    const events = new Events();
    let heard: unknown;
    events.on("ready", (event) => {
      heard = event;
    });
    events.emit("ready", ready);
    expect(heard).toBe(ready);
  });

  test("no longer reaches who has unsubscribed, however often they do", () => {
    const events = new Events();
    let count = 0;
    const off = events.on("ready", () => count++);
    events.emit("ready", ready);
    off();
    off();
    events.emit("ready", ready);
    expect(count).toBe(1);
  });

  test("reaches a function as often as it was given, and each subscription ends by itself", () => {
    const events = new Events();
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
    expect(() => new Events().emit("ready", ready)).not.toThrow();
  });

  test("is heard by a listener added while it is delivered from the next time on", () => {
    const events = new Events();
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
    const events = new Events();
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
    const events = new Events();
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
  afterEach(() => void vi.unstubAllGlobals());

  test("keeps the event from nobody, and its error is thrown where it is uncaught", () => {
    const later: (() => void)[] = [];
    vi.stubGlobal("queueMicrotask", (callback: () => void) => void later.push(callback));
    const events = new Events();
    const error = new Error("mine");
    let heard = 0;
    events.on("ready", () => {
      throw error;
    });
    events.on("ready", () => heard++);
    expect(() => events.emit("ready", ready)).not.toThrow();
    expect(heard).toBe(1);
    expect(later).toHaveLength(1);
    expect(later[0]).toThrow(error);
  });
});

describe("listening", () => {
  test.each<[string, unknown, string]>([
    [
      "a name that is near another",
      "exti",
      "Unknown event exti: expected one of start, ready, exit, result, needsDrain, drain, broken, recovered, stdout, stderr; did you mean exit?",
    ],
    [
      "a name that is near none",
      "message",
      "Unknown event message: expected one of start, ready, exit, result, needsDrain, drain, broken, recovered, stdout, stderr",
    ],
    ["a name of Object.prototype", "constructor", "Unknown event constructor: expected one of"],
    ["a symbol", Symbol("exit"), "Unknown event Symbol(exit): expected one of"],
    ["undefined", undefined, "Unknown event undefined: expected one of"],
  ])("to %s is a TypeError", (_, name, message) => {
    const listen = () => new Events().on(name as "exit", () => {});
    expect(listen).toThrow(TypeError);
    expect(listen).toThrow(message);
  });

  test("with what is no function is a TypeError", () => {
    expect(() => new Events().on("exit", undefined as never)).toThrow(
      new TypeError("Expected a function to listen to `exit`, received undefined"),
    );
  });

  test("is known while anybody does", () => {
    const events = new Events();
    expect(events.hears("stdout")).toBe(false);
    const offs = [events.on("stdout", () => {}), events.on("stdout", () => {})];
    offs[0]?.();
    expect([events.hears("stdout"), events.hears("stderr")]).toEqual([true, false]);
    offs[1]?.();
    expect(events.hears("stdout")).toBe(false);
  });
});
