/** One group on a fake runtime: the tries of its start, its emptying, and what the guard is told of it. */
import { afterEach, describe, expect, test } from "vitest";
import { type Command, type Exit, failedStart, type Signal } from "../../src/port/runtime.ts";
import type { Remains } from "../../src/reaping/looks.ts";
import { type GroupEvents, ProcessGroup } from "../../src/reaping/process-group.ts";
import type { Files } from "../../src/reaping/process-table.ts";
import { FakeClock, settled } from "../support/fake-clock.ts";
import { fakeProc } from "../support/fake-proc.ts";

const COMMAND: Command = { file: "work", args: [], env: {}, stdout: "ignore", stderr: "ignore" };
const PID = 2_000;

const refusal = (code: string) => Object.assign(new Error(`spawn ${code}`), { code });

/** What the next group finds in /proc, and of its leader in the guard's table. */
let proc: Files | undefined;
let since = "";
let mark: number | undefined;
afterEach(() => {
  proc = undefined;
  since = "";
  mark = undefined;
});

/** `errors` are what the next starts fail with; undefined is one that succeeds. */
function setUp(...errors: unknown[]) {
  const clock = new FakeClock();
  const log: string[] = [];
  const exits: Exit[] = [];
  const signals: Signal[] = [];
  /** For how many signals somebody is left in the group. */
  const group: { left: number; refusal?: Error } = { left: Number.POSITIVE_INFINITY };
  let onExit: GroupEvents["onExit"] = () => {};
  const starts: number[] = [];
  const host = {
    runtime: {
      startTimer: (ms: number, callback: () => void) => clock.startTimer(ms, callback),
      now: () => clock.now,
      readFile: (path: string) => proc?.readFile(path),
      listFolder: (path: string) => proc?.listFolder(path),
    },
    looks: { add: (remains: Remains) => void ended.push(remains) },
    guard: {
      startOf: () => since,
      add: (pid: number, isTree: boolean) => void log.push(isTree ? `+ ${pid} tree` : `+ ${pid}`),
      remove: (pid: number) => void log.push(`- ${pid}`),
      signal: (pid: number, name: Signal) => void log.push(`guard ${name} ${pid}`),
    },
    spawn: (_command: Command, events: Omit<GroupEvents, "onStart">) => {
      starts.push(clock.now);
      const error = errors.shift();
      if (error !== undefined) {
        queueMicrotask(() => events.onExit(failedStart(error)));
        return { pid: undefined, signal: () => false };
      }
      onExit = (exit) => events.onExit(exit);
      const signal = (name: Signal) => {
        signals.push(name);
        const isLeft = group.left-- > 0;
        return isLeft && group.refusal !== undefined ? group.refusal : isLeft;
      };
      return { pid: PID, signal };
    },
  };
  const ended: Remains[] = [];
  const events: GroupEvents = {
    onStart: () => void log.push(`start ${processGroup.pid}`),
    onExit: (exit) => {
      log.push("exit");
      exits.push(exit);
    },
    onRefused: (error) => void log.push(`refused ${(error as { code?: unknown }).code}`),
    onOutput: () => {},
    onOutputEnd: () => {},
  };
  const processGroup = new ProcessGroup(host, COMMAND, events, mark);
  return {
    clock,
    processGroup,
    ended,
    log,
    exits,
    signals,
    starts,
    group,
    exit: (exit: Exit) => onExit(exit),
  };
}

describe("a start", () => {
  test("puts the group on the guard's list before anybody hears of it", () => {
    const { processGroup, log, starts, clock } = setUp();
    processGroup.start();
    expect(log).toEqual([`+ ${PID}`, `start ${PID}`]);
    expect([starts.length, clock.pending]).toEqual([1, 0]);
  });

  test.each(["EAGAIN", "EMFILE", "ENFILE", "ENOMEM"])("that fails with %s is tried again", async (code) => {
    const { processGroup, log, exits, clock } = setUp(refusal(code), refusal(code));
    processGroup.start();
    await clock.advance(59);
    expect(log).toEqual([]); // nobody is told of a try
    await clock.advance(1);
    expect(log).toEqual([`+ ${PID}`, `start ${PID}`]);
    expect([exits, clock.pending]).toEqual([[], 0]);
  });

  test("that succeeds at a later try is one as any other: signals reach it, and it is swept", async () => {
    const { processGroup, log, signals, group, clock } = setUp(refusal("EAGAIN"));
    processGroup.start();
    await clock.advance(20);
    expect(processGroup.signal("SIGTERM")).toBe(true);
    group.left = 0;
    processGroup.sweep(() => log.push("empty"));
    expect(signals).toEqual(["SIGTERM", "SIGKILL"]);
    await settled();
    expect(log).toEqual([`+ ${PID}`, `start ${PID}`, `- ${PID}`, "empty"]);
  });

  test("is tried after growing pauses, and no more than six times; then the error is told", async () => {
    const errors = Array.from({ length: 10 }, (_, n) => refusal(n % 2 === 0 ? "EAGAIN" : "EMFILE"));
    const last = errors[5];
    const { processGroup, log, exits, starts, clock } = setUp(...errors);
    processGroup.start();
    await clock.advance(60_000);
    const pauses = starts.slice(1).map((at, n) => at - (starts[n] as number));
    expect(pauses).toEqual([20, 40, 80, 160, 320]);
    expect(log).toEqual(["start undefined", "exit"]);
    expect(exits).toEqual([failedStart(last)]);
    expect(clock.pending).toBe(0);
  });

  test.each<[string, unknown]>([
    ["there is no such program", refusal("ENOENT")],
    ["it may not be run", refusal("EACCES")],
    ["the error has no code", new Error("no")],
    ["the error is a text", "EAGAIN"],
    ["the error is null", null],
  ])("is not tried again where %s", async (_, error) => {
    const { processGroup, log, exits, starts, clock } = setUp(error);
    processGroup.start();
    await clock.advance(60_000);
    expect(log).toEqual(["start undefined", "exit"]);
    expect(exits).toEqual([failedStart(error)]);
    expect(starts).toEqual([0]);
  });

  test("that is refused for the moment and then for good tells the latter", async () => {
    const { processGroup, exits, clock } = setUp(refusal("EAGAIN"), refusal("ENOENT"));
    processGroup.start();
    await clock.advance(60_000);
    expect(exits).toEqual([failedStart(refusal("ENOENT"))]);
  });

  test("does not keep the host alive between two tries", async () => {
    const { processGroup, clock } = setUp(refusal("EAGAIN"));
    processGroup.start();
    await settled();
    expect([clock.pending, clock.referenced.size]).toEqual([1, 0]);
  });
});

describe("a stop between two tries", () => {
  test.each<Signal>(["SIGTERM", "SIGKILL"])("by %s ends them, and tells the error once", async (name) => {
    const { processGroup, log, exits, starts, clock } = setUp(refusal("EMFILE"));
    processGroup.start();
    await clock.advance(10);
    expect(processGroup.signal(name)).toBe(false);
    expect(log).toEqual([]); // not from within the call
    await settled();
    expect(log).toEqual(["start undefined", "exit"]);
    processGroup.signal(name);
    await clock.advance(60_000);
    expect(exits).toEqual([failedStart(refusal("EMFILE"))]);
    expect([starts.length, clock.pending]).toEqual([1, 0]);
  });

  test("after a later try too", async () => {
    const { processGroup, exits, starts, clock } = setUp(refusal("EAGAIN"), refusal("ENFILE"));
    processGroup.start();
    await clock.advance(30);
    processGroup.signal("SIGTERM");
    await clock.advance(60_000);
    expect(exits).toEqual([failedStart(refusal("ENFILE"))]);
    expect(starts).toEqual([0, 20]);
  });
});

describe("an exit", () => {
  test("is told as it came, and is no reason to try again", async () => {
    const { processGroup, exits, exit, starts, clock } = setUp();
    processGroup.start();
    exit({ code: null, signal: "SIGSEGV" });
    await clock.advance(60_000);
    expect(exits).toEqual([{ code: null, signal: "SIGSEGV" }]);
    expect(starts).toHaveLength(1);
  });

  test("leaves the group on the guard's list: somebody may be left in it", () => {
    const { processGroup, log, exit } = setUp();
    processGroup.start();
    exit({ code: 0, signal: null });
    expect(log).toEqual([`+ ${PID}`, `start ${PID}`, "exit"]);
  });
});

describe("a sweep", () => {
  test("of an empty group is over at once, and takes it off the guard's list first", () => {
    const { processGroup, log, signals, group, clock } = setUp();
    processGroup.start();
    group.left = 0;
    processGroup.sweep(() => log.push("empty"));
    expect(log.slice(2)).toEqual([`- ${PID}`, "empty"]);
    expect([signals, clock.pending]).toEqual([["SIGKILL"], 0]);
  });

  test("goes on until nobody is left in it", async () => {
    const { processGroup, log, signals, group, clock } = setUp();
    processGroup.start();
    group.left = 10;
    processGroup.sweep(() => log.push("empty"));
    expect(log.slice(2)).toEqual([]);
    await clock.advance(1_000);
    expect(log.slice(2)).toEqual([`- ${PID}`, "empty"]);
    expect(signals).toEqual(new Array<Signal>(11).fill("SIGKILL"));
    expect(clock.pending).toBe(0);
  });

  test("of one that is never empty ends with leave, and the guard forgets it then", async () => {
    const { processGroup, log, signals, clock } = setUp();
    processGroup.start();
    processGroup.sweep(() => log.push("empty"));
    await clock.advance(250);
    expect(log.slice(2)).toEqual([]);
    processGroup.leave();
    const before = signals.length;
    await clock.advance(1_000);
    expect(log.slice(2)).toEqual([`- ${PID}`]);
    expect([signals.length - before, clock.pending]).toEqual([0, 0]);
  });

  test("of a group that never was tells the guard nothing", async () => {
    const { processGroup, log, clock } = setUp(refusal("ENOENT"));
    processGroup.start();
    await clock.advance(0);
    processGroup.sweep(() => log.push("empty"));
    processGroup.leave();
    expect(log).toEqual(["start undefined", "exit", "empty"]);
  });
});

describe("a group that this host may not signal", () => {
  test("is signalled by the guard, and the refusal is told once", async () => {
    const { processGroup, log, group, clock } = setUp();
    processGroup.start();
    group.refusal = Object.assign(new Error("kill EPERM"), { code: "EPERM" });
    log.length = 0;
    expect(processGroup.signal("SIGTERM")).toBe(true); // it is not empty
    expect(log).toEqual([`guard SIGTERM ${PID}`, "refused EPERM"]);
    log.length = 0;
    processGroup.sweep(() => log.push("empty"));
    await clock.advance(60);
    expect(log).toEqual(Array(4).fill(`guard SIGKILL ${PID}`));
    log.length = 0;
    group.left = 0;
    await clock.advance(20);
    expect(log).toEqual([`- ${PID}`, "empty"]);
  });
});

describe("what it has left", () => {
  const below = [
    { pid: 30, parent: PID, start: 101 },
    { pid: 31, parent: 30, start: 102, group: 31, session: 31 },
    { pid: 40, parent: 1, start: 100 },
  ];
  const killed: Exit = { code: null, signal: "SIGKILL" };

  test("is looked for at its exit, with the time its leader had and a second more", async () => {
    [mark, since] = [5, "100"];
    const { processGroup, ended, exit, log, clock } = setUp();
    processGroup.start();
    expect(log[0]).toBe(`+ ${PID} tree`);
    await clock.advance(2_000);
    exit(killed);
    expect(ended).toEqual([{ mark: 5, leader: PID, since: "100", till: "400", below: new Map() }]);
  });

  test("is known without times where /proc can't be read", () => {
    mark = 5;
    const { processGroup, ended, exit } = setUp();
    processGroup.start();
    exit(killed);
    expect(ended).toMatchObject([{ leader: PID, since: "", till: "" }]);
  });

  test("is noted before a signal is sent, and not after its end", () => {
    mark = 5;
    proc = fakeProc(() => below);
    const { processGroup, ended, exit } = setUp();
    processGroup.start();
    processGroup.signal("SIGTERM");
    below.push({ pid: 32, parent: 31, start: 103 });
    processGroup.signal("SIGKILL");
    exit(killed);
    below.push({ pid: 33, parent: PID, start: 104 });
    processGroup.sweep(() => {});
    const found = [...(ended[0]?.below ?? [])];
    expect(found).toEqual([
      [30, "101"],
      [31, "102"],
      [32, "103"],
    ]);
    processGroup.leave();
  });

  test("is left alone where only the group ends with it, and after a start that failed", async () => {
    proc = fakeProc(() => below);
    const group = setUp();
    group.processGroup.start();
    group.processGroup.signal("SIGKILL");
    group.exit(killed);
    mark = 5;
    const failed = setUp(refusal("ENOENT"));
    failed.processGroup.start();
    await settled();
    expect([group.ended, failed.ended]).toEqual([[], []]);
  });
});
