/** The trace's lines and its choice of areas; and on a fake runtime, what becomes a line where. */
import { describe, expect, it, test } from "vitest";
import type { PoolOptions } from "../src/options/pool-options.ts";
import { createPoolOn } from "../src/pool/create-pool.ts";
import { chosenAreas, formatDeath, formatFrame, formatLine, formatStep, openTrace } from "../src/trace.ts";
import { frameName } from "../src/wire/frame.ts";
import { FakeRuntime } from "./support/fake-runtime.ts";
import { endPoolsAfterEach, outcomeOf, poolScene } from "./support/pool-scene.ts";

endPoolsAfterEach();

describe("the choice", () => {
  test.each([
    ["", [], []],
    ["0", [], []],
    ["1", ["worker", "task", "guard", "wire"], []],
    ["task", ["task"], []],
    [" wire , worker ", ["wire", "worker"], []],
    ["task,taks,", ["task"], ["taks"]],
    ["1,task", ["task"], ["1"]],
  ])("of %j is %j", (value, areas, unknown) => {
    const chosen = chosenAreas(value);
    expect([[...chosen.areas], chosen.unknown]).toEqual([areas, unknown]);
  });

  it("warns of a name that is none, with those there are", () => {
    const runtime = new FakeRuntime();
    runtime.env.REAPOOL_TRACE = "wires";
    expect(openTrace(runtime)).toBe(undefined);
    expect(runtime.warnings).toEqual([
      "reapool: Expected REAPOOL_TRACE to be 1, or some of worker, task, guard, wire with commas between them, " +
        'received "wires"; did you mean wire?',
    ]);
  });
});

describe("a line", () => {
  it("is aligned", () => {
    const lines = [
      formatLine("1", 3.5678, "task", "t1", "queued add"),
      formatLine("-", 61_234.5, "guard", "", "runs as pid 7"),
      formatLine("12", 0, "worker", "w12", "runs as pid 8"),
    ];
    expect(lines.join("")).toBe(
      [
        "reapool:1       3.568  task    t1    queued add\n",
        "reapool:-   61234.500  guard         runs as pid 7\n",
        "reapool:12      0.000  worker  w12   runs as pid 8\n",
      ].join(""),
    );
  });

  const state = { phase: "ready", reason: undefined, exit: undefined, error: undefined };

  it("of a step has the state, the event, and the effects", () => {
    const stop = { type: "stop", reason: "memory", manner: "kill", error: new Error("too much") };
    const effects = [{ type: "signal", name: "SIGKILL" }, { type: "setTimer", ms: 250 }, { type: "bury" }];
    const killed = { ...state, phase: "killed" };
    expect(formatStep(state, stop, killed, effects)).toBe(
      "ready       -stop(memory kill)-> killed: signal(SIGKILL), setTimer(250), bury",
    );
    expect(formatStep(state, { type: "kept" }, state, [])).toBe("ready       -kept-> ready");
  });

  test.each([
    [{ code: 3, signal: null }, undefined, "died: crash, code 3"],
    [{ code: null, signal: "SIGKILL" }, new Error("one\ntwo"), "died: crash, SIGKILL: one"],
    [{ code: null, signal: null, error: new Error("ENOENT") }, undefined, "died: crash, not started: ENOENT"],
    [{ code: 1, signal: null }, "x".repeat(200), `died: crash, code 1: ${"x".repeat(99)}…`],
  ])("of a death by %j says why", (exit, error, line) => {
    expect(formatDeath({ phase: "dead", reason: "crash", exit, error })).toBe(line);
  });

  it("of a frame has its name, its task and its bytes, or its number", () => {
    expect(formatFrame(frameName(2), 7, 23)).toBe("Call         #7     23 B");
    expect(formatFrame(frameName(99), 0, 9)).toBe("type 99             9 B");
  });
});

describe("a traced pool", () => {
  const POOL = "pool          file:///work.ts";

  /** The lines of one choice, without their time. */
  async function linesOf(choice: string, tasks: readonly string[], options: PoolOptions = {}) {
    const { runtime, pool, clock } = poolScene({ maxWorkers: 1, ...options }, {}, { REAPOOL_TRACE: choice });
    const outcomes = Promise.all(tasks.map((name) => outcomeOf(pool.run(name, [1, 2], { retries: 1 }))));
    await clock.advance(1_000);
    await outcomes;
    await pool.terminate();
    expect(runtime.forwarded.every((line) => line.startsWith("stderr reapool:"))).toBe(true);
    return runtime.forwarded.map((line) => line.slice("stderr reapool:1       0.000  ".length).trimEnd());
  }

  it("tells a worker's life, and why it ended", async () => {
    const life = (pid: number) => [
      `worker  w1    runs as pid ${pid}`,
      "worker  w1    starting    -connected-> starting",
      "worker  w1    starting    -ready-> warming: clearTimer, warmUp",
      "worker  w1    warming     -warmed-> ready: announceReady",
      "worker  w1    ready       -exited(code 7)-> draining: setTimer(250), sweepGroup",
      "worker  w1    draining    -groupGone-> draining",
      "worker  w1    draining    -outputEnded-> draining",
      "worker  w1    draining    -channelClosed-> dead: clearTimer, bury",
      "worker  w1    died: crash, code 7",
    ];
    expect(await linesOf("worker", ["add", "crash"])).toEqual([POOL, ...life(1001), ...life(1002)]);
  });

  it("tells a call's way, attempt by attempt", async () => {
    const anyMs = (line: string) => line.replaceAll(/[\d.]+ ms/g, "… ms");
    expect((await linesOf("task", ["add", "crash"])).map(anyMs)).toEqual([
      POOL,
      "task    t1    queued add",
      "task    t2    queued crash",
      "task    t1    sent to w1 as #1",
      "task    t1    runs in w1, attempt 1",
      "task    t1    fulfilled add after … ms",
      "task    t2    sent to w1 as #2",
      "task    t2    runs in w1, attempt 1",
      "task    t2    rests … ms after failure 1",
      "task    t2    queued crash again",
      "task    t2    sent to w1 as #1",
      "task    t2    runs in w1, attempt 2",
      "task    t2    rejected crash after … ms: Worker 1 (pid 1002) exited with code 7 while it ran `crash`",
    ]);
  });

  it("tells the frames in both directions", async () => {
    expect(await linesOf("wire", ["add"])).toEqual([
      POOL,
      "wire    w1    < Hello of fake 1.0, graph",
      expect.stringMatching(/^wire {4}w1 {4}> Init {16}\d+ B$/),
      expect.stringMatching(/^wire {4}w1 {4}< Ready {15}\d+ B$/),
      "wire    w1    > Call         #1     23 B",
      "wire    w1    < Result       #1     19 B",
      expect.stringMatching(/^wire {4}w1 {4}> Leave {15}9 B$/),
    ]);
  });

  it("tells what the guard's table gets", async () => {
    expect(await linesOf("guard", ["add"])).toEqual([
      POOL,
      expect.stringMatching(/^guard {9}runs as pid \d+$/),
      "guard         line 0: 1001 group",
      "guard         line 0: blank, was 1001",
      expect.stringMatching(/^guard {9}pid \d+ is gone$/),
    ]);
  });

  it("prints nothing without the variable", async () => {
    const { runtime, pool } = poolScene();
    await pool.run("add", [1, 2]);
    expect(runtime.forwarded).toEqual([]);
  });

  it("numbers the pools of a process, on one clock", async () => {
    const runtime = new FakeRuntime();
    runtime.env.REAPOOL_TRACE = "task";
    const create = createPoolOn(runtime);
    const first = create("/one.ts");
    await runtime.clock.advance(1_500);
    const second = create("/two.ts");
    await Promise.all([first.terminate(), second.terminate()]);
    expect(runtime.forwarded).toEqual([
      "stderr reapool:1       0.000  pool          file:///one.ts\n",
      "stderr reapool:2    1500.000  pool          file:///two.ts\n",
    ]);
  });
});
