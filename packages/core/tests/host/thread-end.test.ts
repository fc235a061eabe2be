/** The last moment of a thread, and what the main thread does for one that had none. */
import { describe, expect, test } from "vitest";
import { HostProcess } from "../../src/host/host-process.ts";
import { endWithThread } from "../../src/host/thread-end.ts";
import { collectRemains, hearOfMain } from "../../src/host/thread-remains.ts";
import type { Libc } from "../../src/port/libc.ts";
import type { Threads } from "../../src/port/threads.ts";
import { FakeKernel } from "../support/fake-kernel.ts";
import { FakeRuntime } from "../support/fake-runtime.ts";

const GUARD = 9;

/** Processes that are dead so many looks after SIGKILL, and collected by waitid; each turn of waiting takes a ms. */
function dying(looks: Record<number, number>, hasLibc = true, isCollected = false) {
  let now = 0;
  const left = { ...looks };
  const log: string[] = [];
  const processes = new Map(
    Object.keys(looks).map((key) => {
      const pid = Number(key);
      return [
        pid,
        {
          pid,
          signal: () => {
            log.push(`kill ${pid}`);
            return pid in left;
          },
          write: (bytes: Uint8Array) => void log.push(`${new TextDecoder().decode(bytes).trim()} ${pid}`),
        },
      ];
    }),
  );
  const libc: Libc = {
    waitid: (_type, pid, info) => {
      if (!(pid in left)) return -1;
      left[pid] = (left[pid] as number) - 1;
      if ((left[pid] as number) > 0) return 0;
      delete left[pid];
      new DataView(info.buffer).setInt32(16, pid, true);
      return 0;
    },
    getsid: () => -1,
    prctl: () => -1,
  };
  const threads = { isMain: false, pause: (ms: number) => (now += ms) } as unknown as Threads;
  const runtime = { threads, openLibc: () => (hasLibc ? libc : "none"), now: () => now };
  endWithThread(runtime, processes, GUARD, isCollected);
  return { now, log, left: Object.keys(left).map(Number) };
}

describe("a thread with processes at its end", () => {
  test("collects all of them, the guard last, which ends by itself when it has looked", () => {
    const { left, log } = dying({ [GUARD]: 1, 1: 3, 2: 1 });
    expect(left).toEqual([]);
    expect([log.at(-1), log.includes(`kill ${GUARD}`)]).toEqual([`end ${GUARD}`, false]);
  });

  test("waits no longer than a fraction of a second, and then leaves the guard what is left", () => {
    const { left, log, now } = dying({ [GUARD]: 1, 1: 1e9, 2: 1 });
    expect(left).toEqual([1, GUARD]);
    expect([log.at(-1), log.includes(`kill ${GUARD}`)]).toEqual([`end ${GUARD}`, false]);
    expect(now).toBeLessThan(500);
  });

  test("kills them once where libc can't be called, and leaves the rest to the guard", () => {
    expect(dying({ [GUARD]: 1, 1: 1 }, false).log).toEqual(["kill 1", `end ${GUARD}`]);
  });
});

const FOLDER = "/proc/1000/task/1001";

function mainThread() {
  const runtime = new FakeRuntime();
  const kernel = new FakeKernel(runtime);
  let hear: (message: unknown) => void = () => {};
  const folders = new Set([FOLDER]);
  const { proc } = runtime;
  runtime.proc = {
    readFile: (path) => proc?.readFile(path),
    listFolder: (path) => (folders.has(path) ? [] : undefined),
  };
  const listen = (callback: typeof hear) => {
    hear = callback;
  };
  const threads = { isMain: true, hear: listen, tell: () => {} };
  Object.assign(runtime, { threads });
  collectRemains(runtime);
  const pid = kernel.spawn({ waiter: "nobody" });
  return { runtime, kernel, clock: runtime.clock, pid, folders, hear: (message: unknown) => hear(message) };
}

describe("the main thread", () => {
  test("collects what a thread had that is gone, and then listens no more", async () => {
    const { runtime, kernel, clock, pid, folders, hear } = mainThread();
    hear({ folder: FOLDER, pid, hasEnded: false });
    folders.clear();
    kernel.die(pid);
    await clock.advance(500);
    expect([kernel.zombies, runtime.childSignalListeners.size, clock.pending]).toEqual([[], 0, 0]);
  });

  test("leaves what is dead to a thread that lives, and collects it within a second of its end", async () => {
    const { kernel, clock, pid, folders, hear } = mainThread();
    hear({ folder: FOLDER, pid, hasEnded: false });
    kernel.die(pid);
    await clock.advance(10_000);
    expect(kernel.zombies).toEqual([pid]);
    folders.clear();
    await clock.advance(1_000);
    expect(kernel.zombies).toEqual([]);
  });

  test("collects at once what dies long after its thread, however rarely it looks by then", async () => {
    const { kernel, clock, pid, folders, hear } = mainThread();
    hear({ folder: FOLDER, pid, hasEnded: false });
    const other = kernel.spawn({ waiter: "nobody" });
    hear({ folder: FOLDER, pid: other, hasEnded: false });
    folders.clear();
    kernel.die(other); // from now on it looks for the rest
    await clock.advance(5_010);
    kernel.die(pid);
    await clock.advance(150);
    expect(kernel.zombies).toEqual([]);
  });

  test("lets go of what its thread has collected", async () => {
    const { runtime, clock, pid, hear } = mainThread();
    hear({ folder: FOLDER, pid, hasEnded: false });
    hear({ folder: FOLDER, pid, hasEnded: true });
    await clock.advance(1_000);
    expect([runtime.childSignalListeners.size, clock.pending]).toEqual([0, 0]);
  });

  test.each([
    undefined,
    null,
    "text",
    {},
    { folder: "/tmp", pid: 5, hasEnded: false },
    { folder: FOLDER, pid: -1, hasEnded: false },
    { folder: FOLDER, pid: 5 },
  ])("believes no other message: %j", (message) => {
    const { runtime, hear } = mainThread();
    hear(message);
    expect(runtime.childSignalListeners.size).toBe(0);
  });
});

test("another thread tells of its processes, and adopts no orphans", () => {
  const runtime = new FakeRuntime();
  const kernel = new FakeKernel(runtime);
  const told: unknown[] = [];
  const threads = {
    isMain: false,
    folder: FOLDER,
    onEnd: () => {},
    hear: () => {},
    tell: (news: unknown) => told.push(news),
  };
  Object.assign(runtime, { threads, spawn: kernel.start });
  const host = HostProcess.of(runtime);
  expect(() => host.retain("adopt")).toThrow("only the main thread hears SIGCHLD");
  const { pid } = host.spawn(
    { file: "true", args: [], env: {}, stdout: "ignore", stderr: "ignore" },
    { onOutput: () => {}, onOutputEnd: () => {}, onExit: () => {} },
  );
  expect(told).toEqual([{ folder: FOLDER, pid, hasEnded: false }]);
});

test("a thread leaves its processes to the main thread once that has said that it collects them", () => {
  let hear: (message: unknown) => void = () => {};
  const isCollected = hearOfMain({
    folder: FOLDER,
    hear: (callback) => {
      hear = callback;
    },
  });
  for (const message of [undefined, null, "text", {}, { collects: undefined }, { collects: `${FOLDER}1` }])
    hear(message);
  expect(isCollected()).toBe(false);
  hear({ collects: FOLDER });
  hear("text");
  expect(isCollected()).toBe(true);
  expect(dying({ [GUARD]: 1, 1: 3, 2: 1 }, true, true)).toMatchObject({
    left: [1, 2, GUARD],
    log: ["kill 1", "kill 2", `end ${GUARD}`],
    now: 0,
  });
});
