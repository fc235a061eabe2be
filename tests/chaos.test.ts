/**
 * The random programs of `npm run chaos`: how they are drawn and made shorter; a few of them are played here, in
 * each runtime. A pool that lies shows that what is checked can fail.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { drawProgram } from "../tools/chaos/src/draw.ts";
import { type CreatePool, play, type Stage } from "../tools/chaos/src/player/play.ts";
import {
  isFault,
  isSound,
  type Program,
  partsOf,
  type Step,
  stepsOf,
  withParts,
} from "../tools/chaos/src/program.ts";
import { shrink } from "../tools/chaos/src/shrink.ts";
import { Random } from "../tools/measuring/src/random.ts";
import { adapter } from "./support/adapter.ts";

const numbers = (count: number): number[] => Array.from({ length: count }, (_, i) => i + 1);

describe("a drawn program", () => {
  it("is the same for the same seed and number, in every runtime", () => {
    for (const number of numbers(50)) {
      expect(drawProgram(7, number, "faults")).toEqual(drawProgram(7, number, "faults"));
    }
    expect(drawProgram(7, 1, "peace")).not.toEqual(drawProgram(7, 2, "peace"));
    expect(drawProgram(7, 1, "peace")).not.toEqual(drawProgram(8, 1, "peace"));
    // As everywhere and always, so that a seed is worth telling.
    const random = new Random(1, 2, 3);
    expect(numbers(5).map(() => random.integer(0, 999))).toEqual([609, 52, 492, 322, 416]);
  });

  it("ends by itself, survives JSON, and all together have every kind of step", () => {
    const kinds = new Set<string>();
    for (const number of numbers(2_000)) {
      const program = drawProgram(1, number, "faults");
      expect(isSound(program)).toBe(true);
      expect(JSON.parse(JSON.stringify(program))).toEqual(program);
      for (const step of stepsOf(program)) kinds.add(step.do);
    }
    expect([...kinds].sort()).toEqual(ALL_KINDS);
  });

  it("has no fault where there should be none", () => {
    for (const number of numbers(500)) {
      const steps = stepsOf(drawProgram(1, number, "peace"));
      expect(steps.filter((step) => isFault(step) || ("work" in step && step.work.guilt))).toEqual([]);
    }
  });

  it("is many short ones on the same pools where there are no faults, and the last one alone may change them", () => {
    const programs = numbers(200).map((number) => drawProgram(1, number, "peace"));
    const several = programs.filter(({ more }) => more !== undefined);
    expect(several.length).toBeGreaterThan(150);
    expect(several.length).toBeLessThan(200);
    const changes = (steps: readonly Step[]) => steps.some((step) => CHANGING.includes(step.do));
    for (const program of several) {
      const parts = partsOf(program);
      expect(parts.length).toBe(30);
      expect(parts.slice(0, -1).filter(changes)).toEqual([]);
      for (const part of parts) expect(part.length).toBeLessThanOrEqual(10);
      const ids = stepsOf(program).flatMap((step) => ("id" in step ? [step.id] : []));
      expect(new Set(ids).size).toBe(ids.length);
    }
    expect(several.filter((program) => changes(partsOf(program).at(-1) ?? [])).length).toBeGreaterThan(50);
    expect(numbers(200).filter((number) => drawProgram(1, number, "faults").more)).toEqual([]);
  });

  it("loses its parts that have no step, and keeps the rest", () => {
    const program: Program = { pools: [{ maxWorkers: 1 }], results: true, steps: [{ do: "stats" }] };
    const [stats, ready] = [{ do: "stats" }, { do: "ready" }] as const;
    expect(withParts(program, [[], [stats], [], [ready, stats]])).toEqual({
      ...program,
      more: [[ready, stats]],
    });
    expect(withParts({ ...program, more: [[ready]] }, [[ready]])).toEqual({ ...program, steps: [ready] });
    expect(withParts(program, [])).toEqual({ ...program, steps: [] });
  });

  it("is not sound where nothing would end a call", () => {
    const withStep = (step: object): Program => ({
      pools: [{ maxWorkers: 1 }],
      steps: [{ do: "stats" }],
      more: [[step as never]],
    });
    const reads = { of: "generator" };
    expect(isSound(withStep({ do: "run", id: 1, work: { reads } }))).toBe(false);
    expect(isSound(withStep({ do: "run", id: 1, work: { reads }, abort: 5 }))).toBe(true);
    expect(isSound(withStep({ do: "run", id: 1, work: { guilt: "loop" } }))).toBe(false);
    expect(isSound(withStep({ do: "run", id: 1, work: { guilt: "loop" }, options: { timeout: 9 } }))).toBe(
      true,
    );
    expect(isSound(withStep({ do: "map", id: 1, work: {}, source: { of: "later" } }))).toBe(false);
    const stuck = (take: number, options = {}) => ({
      ...{ do: "map", id: 1, work: {}, take, options },
      source: { of: "later", items: 8, ends: "stuck" },
    });
    expect(isSound(withStep(stuck(8)))).toBe(true);
    expect(isSound(withStep(stuck(9)))).toBe(false);
    expect(isSound(withStep(stuck(1, { stopOnError: false })))).toBe(false); // it may fail and be left out
    const later = { do: "broadcast", id: 1, work: { ms: 5 }, options: { later: true } };
    expect(isSound(withStep(later))).toBe(true);
    expect(isSound({ ...withStep(later), pools: [{ maxWorkers: 1, timeout: 3 }] })).toBe(false);
    // A chunk waits until it is full.
    expect(isSound(withStep(stuck(6, { chunk: 3 })))).toBe(true);
    expect(isSound(withStep(stuck(7, { chunk: 3 })))).toBe(false);
    expect(isSound(withStep(stuck(1, { chunk: 50 })))).toBe(false);
    expect(isSound(withStep(stuck(8, { chunk: 50, concurrency: 4 })))).toBe(true);
  });
});

const CHANGING = ["resize", "restart", "ready", "close", "terminate"];
const ALL_KINDS = [
  "await",
  "block host",
  "broadcast",
  "close",
  "fill temporary folder",
  "kill",
  "kill guard",
  "map",
  "ready",
  "remove socket folder",
  "resize",
  "restart",
  "run",
  "stats",
  "stop host",
  "stop worker",
  "stream",
  "take descriptors",
  "terminate",
  "turn",
  "wait",
];

describe("making a program shorter", () => {
  const isOver = () => false;

  it("leaves what it takes to fail, and nothing else", async () => {
    const program: Program = {
      pools: [{ maxWorkers: 3, prefetch: 8, recycle: { tasks: 5 } }, { maxWorkers: 2 }],
      journal: true,
      steps: [
        { do: "stats" },
        { do: "run", id: 1, pool: 1, work: { ms: 5, own: true }, times: 300, options: { priority: 2 } },
        { do: "wait", ms: 20 },
        { do: "await", call: 1 },
        { do: "stream", id: 2, work: { items: 40, ms: 0.6 }, slow: 3 },
        { do: "resize", to: 2 },
      ],
    };
    const fails = async ({ steps }: Program) => {
      const run = steps.findIndex((step) => step.do === "run" && (step.work.ms ?? 0) > 1);
      const stream = steps.findIndex((step) => step.do === "stream" && (step.work.items ?? 0) > 2);
      return run >= 0 && stream > run;
    };
    expect(await shrink(program, { fails, isOver })).toEqual({
      pools: [{ maxWorkers: 1 }],
      steps: [
        { do: "run", id: 1, work: { ms: 2 } },
        { do: "stream", id: 2, work: { items: 3 } },
      ],
    });
  });

  it("leaves of many short ones those that it takes, and makes them one where it can", async () => {
    const calls = numbers(30).map((id): Step => ({ do: "run", id, work: { ms: 5 } }));
    const program: Program = {
      pools: [{ maxWorkers: 2 }, { maxWorkers: 1 }],
      steps: [{ do: "stats", pool: 1 }],
      more: calls.map((call) => [{ do: "turn", of: "macrotask" }, call, { do: "await" }]),
    };
    const partWith = (candidate: Program, id: number) =>
      partsOf(candidate).findIndex((part) => part.some((step) => "id" in step && step.id === id));
    const apart = async (candidate: Program) =>
      partWith(candidate, 7) >= 0 && partWith(candidate, 7) < partWith(candidate, 22);
    const bare = (id: number): Step => ({ do: "run", id, work: {} });
    expect(await shrink(program, { fails: apart, isOver })).toEqual({
      pools: [{ maxWorkers: 1 }],
      steps: [bare(7)],
      more: [[bare(22)]],
    });
    const both = async (candidate: Program) => partWith(candidate, 7) >= 0 && partWith(candidate, 22) >= 0;
    expect(await shrink(program, { fails: both, isOver })).toEqual({
      pools: [{ maxWorkers: 1 }],
      steps: [bare(7), bare(22)],
    });
  });

  it("never asks about a program that would not end, and stops when it is told to", async () => {
    const program: Program = {
      pools: [{ maxWorkers: 1 }],
      steps: [{ do: "run", id: 1, work: { reads: { of: "generator" } }, abort: 5 }],
    };
    let asked = 0;
    const fails = async (candidate: Program) => {
      asked++;
      expect(isSound(candidate)).toBe(true);
      return true;
    };
    await shrink(program, { fails, isOver });
    expect(asked).toBeGreaterThan(0);
    const untouched = await shrink(drawProgram(1, 1, "peace"), { fails, isOver: () => true });
    expect(untouched).toEqual(drawProgram(1, 1, "peace"));
  });
});

type Change = (
  run: () => Promise<unknown>,
  options: Record<string, unknown>,
  ended: Promise<void>,
) => Promise<unknown>;

describe("programs that are played", () => {
  let folder = "";
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "chaos-test-"));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  const stage = (createPool: CreatePool, silence: number): Stage => ({
    createPool,
    silence,
    folder,
    unhandled: [],
    stopHost: () => Promise.reject(new Error("Expected no fault")),
    hasFewDescriptors: false,
    hasSmallFolder: false,
  });

  it.each(numbers(10))("number %i breaks nothing", async (number) => {
    const { breaches } = await play(drawProgram(1, number, "peace"), stage(adapter.createPool, 30_000));
    expect(breaches).toEqual([]);
  });

  const program: Program = {
    pools: [{ maxWorkers: 1 }],
    journal: true,
    steps: [
      { do: "run", id: 1, work: { gives: "map" }, times: 3 },
      { do: "await" },
      { do: "run", id: 2, work: { emits: 3 }, progress: true },
    ],
  };

  /** A pool that does something else for one of its calls: the second, or the one of this number. */
  const lying =
    (change: Change, chosen = 2): CreatePool =>
    (...args) => {
      const pool = adapter.createPool(...(args as [URL]));
      const ended = Promise.withResolvers<void>();
      let calls = 0;
      const run = (name: never, list: never, options: Record<string, unknown>) => {
        const honest = () => pool.run(name, list, options as never) as Promise<unknown>;
        const isChosen = ++calls === chosen || options.onProgress !== undefined;
        return isChosen ? change(honest, options, ended.promise) : honest();
      };
      const terminate = () => {
        ended.resolve();
        return pool.terminate();
      };
      const get = (_: object, name: string) => {
        const property = Reflect.get({ ...pool, run, terminate }, name) as unknown;
        return typeof property === "function" ? property.bind(pool) : property;
      };
      return new Proxy({}, { get }) as never;
    };

  it("are played without a breach by a pool that does not lie", async () => {
    const { breaches, calls } = await play(
      program,
      stage(
        lying((run) => run()),
        30_000,
      ),
    );
    expect([breaches, calls]).toEqual([[], 4]);
  });

  it.each<[what: string, kind: string, change: Change]>([
    ["drops a result", "hang", (run) => run().then(() => new Promise(() => {}))],
    ["keeps a result until it is ended", "hang", (run, _, ended) => run().then(() => ended)],
    ["gives another result", "outcome", (run) => run().then(() => 5)],
    [
      "rejects what was served",
      "outcome",
      (run) => run().then(() => Promise.reject({ code: "ERR_WORKER_EXIT" })),
    ],
    ["runs a call twice", "starts", (run) => run().then(run)],
    [
      "loses progress",
      "progress",
      (run, options) => {
        const { onProgress } = options as { onProgress?: (value: unknown) => void };
        if (onProgress !== undefined)
          options.onProgress = (value: unknown) => value !== 2 && onProgress(value);
        return run();
      },
    ],
  ])("are too much for a pool that %s", async (_what, kind, change) => {
    const { breaches } = await play(program, stage(lying(change), 2_000));
    expect(breaches.map((breach) => breach.kind)).toContain(kind);
  });

  const several: Program = {
    pools: [{ maxWorkers: 1 }],
    journal: true,
    results: true,
    steps: [{ do: "run", id: 1, work: {} }],
    more: [
      [{ do: "run", id: 2, work: { ms: 2 }, times: 2, abort: 1 }],
      [{ do: "run", id: 3, work: { gives: "date" } }],
      [{ do: "stream", id: 4, work: { items: 20 }, take: 3 }],
    ],
  };

  it("are played one after another on the same pools, up to the first that breaks something", async () => {
    const honest = await play(several, stage(adapter.createPool, 30_000));
    expect(honest).toEqual({ breaches: [], programs: 4, calls: 5, skipped: [] });
    const { breaches, programs, calls } = await play(
      several,
      stage(
        lying((run) => run().then(() => 5), 4),
        30_000,
      ),
    );
    expect(breaches.map(({ kind, what, part }) => [kind, what, part])).toEqual([["outcome", "run 3", 2]]);
    expect([programs, calls]).toEqual([3, 4]);
  });

  it.each<[what: string, kind: string, change: Change]>([
    ["drops a result", "hang", (run) => run().then(() => new Promise(() => {}))],
    ["runs a call twice", "starts", (run) => run().then(run)],
  ])("are too much for a pool that %s of the third of them", async (_what, kind, change) => {
    const { breaches } = await play(several, stage(lying(change, 4), 2_000));
    expect(breaches.map((breach) => [breach.kind, breach.part])).toContainEqual([kind, 2]);
  });
});
