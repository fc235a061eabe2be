/**
 * G1 to G4, G2b and G7 under random interleavings of calls, broadcasts, aborts, time-outs, deaths, standstills, recycling,
 * resizing, restarts and the end, where what a worker says may be long in leaving it. A sequence takes some milliseconds,
 * so `npm test` plays 500; the environment variable POOL_SEQUENCES asks for more.
 */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { RunOptions } from "../../src/options/call-options.ts";
import { createPoolOn, type Pool } from "../../src/pool/create-pool.ts";
import { task } from "../../src/worker/index.ts";
import { runs } from "../support/effort.ts";
import { FakeRuntime } from "../support/fake-runtime.ts";

const SEQUENCES = Number(process.env.POOL_SEQUENCES ?? runs(500));

type Step =
  | {
      readonly do: "run";
      readonly name: "quick" | "slow" | "fail" | "crash";
      readonly options: RunOptions;
    }
  | { readonly do: "abort"; readonly call: number }
  | { readonly do: "kill"; readonly worker: number; readonly how: "SIGKILL" | "SIGSEGV" | "uncaught" }
  | { readonly do: "broadcast"; readonly name: "quick" | "fail"; readonly later: boolean | undefined }
  | { readonly do: "resize"; readonly to: number }
  | { readonly do: "restart" | "ready" | "close" }
  | { readonly do: "advance" | "standStill"; readonly ms: number };

const maybe = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined, freq: 3 });

const runOptions: fc.Arbitrary<RunOptions> = fc.record({
  timeout: maybe(fc.integer({ min: 1, max: 50 })),
  queueTimeout: maybe(fc.integer({ min: 1, max: 50 })),
  priority: maybe(fc.integer({ min: -1, max: 2 })),
  key: maybe(fc.constantFrom("a", "b")),
  retries: maybe(fc.constant({ limit: 2, when: () => true, backoff: { initial: 3, jitter: 0 } })),
});

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      do: fc.constant("run" as const),
      name: fc.constantFrom("quick", "quick", "slow", "fail", "crash"),
      options: runOptions,
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("abort" as const), call: fc.nat(12) }) },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant("kill" as const),
      worker: fc.nat(3),
      how: fc.constantFrom("SIGKILL", "SIGSEGV", "uncaught"),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant("resize" as const), to: fc.integer({ min: 1, max: 3 }) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant("broadcast" as const),
      name: fc.constantFrom("quick", "quick", "quick", "fail"),
      later: fc.constantFrom(undefined, true, false),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constantFrom("restart" as const, "ready" as const, "close" as const) }),
  },
  {
    weight: 5,
    arbitrary: fc.record({ do: fc.constant("advance" as const), ms: fc.integer({ min: 0, max: 40 }) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant("standStill" as const), ms: fc.integer({ min: 1, max: 300 }) }),
  },
);

const options = fc.record({
  minWorkers: fc.integer({ min: 0, max: 1 }),
  maxWorkers: fc.integer({ min: 2, max: 3 }),
  spares: fc.integer({ min: 0, max: 1 }),
  concurrentTasksPerWorker: fc.integer({ min: 1, max: 3 }),
  idleTimeout: fc.constantFrom(5, 1_000),
  killTimeout: fc.constant(20),
  hangTimeout: fc.constantFrom(30, Number.POSITIVE_INFINITY),
  prefetch: fc.constantFrom<0 | 1 | 3 | "auto">(0, 1, 3, "auto"),
  maxQueue: fc.constantFrom(2, Number.POSITIVE_INFINITY),
  recycle: fc.constantFrom({}, { tasks: 2 }, { age: 25, tasks: 5 }),
  restart: fc.constant({ intensity: 3, backoff: { initial: 5, max: 20, jitter: 0 } }),
});

const manners = fc.record({
  trapsSigterm: fc.boolean(),
  listens: fc.boolean(),
  ignoresLeave: fc.boolean(),
  sendsAfter: fc.constantFrom(0, 0, 4, 25, 60),
});

type Given = typeof options extends fc.Arbitrary<infer T> ? T : never;

interface Call {
  readonly mostStarts: number;
  starts: number;
  /** One of its attempts has returned, in a worker that was alive. */
  hasFinished: boolean;
  isAborted: boolean;
  settlements: number;
  isSettled: boolean;
  isFulfilled: boolean;
  code: unknown;
}

const BROADCAST = -1;
/** After so long without a step nothing is to be waited for any more, in ms. */
const QUIET = 2_000;

class Scene {
  readonly calls: Call[] = [];
  readonly runtime: FakeRuntime;
  readonly pool: Pool;
  /** Of whatever is no call. */
  readonly others: { readonly what: string; isSettled: boolean }[] = [];
  closing: Promise<void> | undefined;
  /** By worker id: its start has been told, and no exit since. */
  readonly #started = new Set<number>();
  readonly #aborts: AbortController[] = [];

  constructor(given: Given, manner: object) {
    const begin = (id: number) => {
      if (id !== BROADCAST) (this.calls[id] as Call).starts++;
    };
    const finish = (id: number) => {
      if (id !== BROADCAST) (this.calls[id] as Call).hasFinished = true;
    };
    this.runtime = new FakeRuntime({
      quick: (id: number) => {
        begin(id);
        finish(id);
      },
      slow: (id: number) => {
        begin(id);
        return new Promise((resolve) => this.runtime.clock.startTimer(30, () => resolve(id)));
      },
      fail: (id: number) => {
        begin(id);
        throw new Error("no");
      },
      crash: (id: number) => {
        begin(id);
        const { workerId } = task();
        const pid = this.pool.workers.find((worker) => worker.id === workerId)?.pid;
        this.runtime.alive.find((process) => process.pid === pid)?.end({ code: 1, signal: null });
        return new Promise(() => {});
      },
    });
    Object.assign(this.runtime.script, manner);
    this.pool = createPoolOn(this.runtime)("/work.ts", given);
    this.pool.on("start", ({ worker: { id } }) => {
      expect(this.#started.has(id)).toBe(false);
      this.#started.add(id);
    });
    this.pool.on("exit", ({ worker: { id } }) => expect(this.#started.delete(id)).toBe(true));
  }

  async carryOut(now: Step): Promise<void> {
    const { runtime, pool, others } = this;
    const expectSettled = (promise: Promise<unknown>) => {
      const other = { what: now.do, isSettled: false };
      others.push(other);
      const settle = () => {
        other.isSettled = true;
      };
      promise.then(settle, settle);
    };
    switch (now.do) {
      case "run":
        this.#run(now.name, now.options);
        break;
      case "abort": {
        const call = this.calls[now.call];
        if (call !== undefined) call.isAborted = true;
        this.#aborts[now.call]?.abort();
        break;
      }
      case "kill":
        if (now.how === "uncaught") runtime.alive[now.worker]?.throwUncaught(new Error("late"));
        else runtime.alive[now.worker]?.end({ code: null, signal: now.how });
        break;
      case "broadcast":
        expectSettled(pool.broadcast(now.name, [BROADCAST], { later: now.later }));
        break;
      case "resize":
        expectSettled(pool.resize(now.to));
        break;
      case "restart":
      case "ready":
        expectSettled(pool[now.do]());
        break;
      case "close":
        this.closing = pool.close({ timeout: 10_000 });
        break;
      case "advance":
        await runtime.clock.advance(now.ms);
        break;
      case "standStill":
        runtime.clock.now += now.ms;
        break;
    }
  }

  #run(name: string, options: RunOptions): void {
    const id = this.calls.length;
    const call: Call = {
      mostStarts: options.retries ? 3 : 1,
      starts: 0,
      hasFinished: false,
      isAborted: false,
      settlements: 0,
      isSettled: false,
      isFulfilled: false,
      code: "",
    };
    this.calls.push(call);
    const controller = new AbortController();
    this.#aborts.push(controller);
    this.pool.run(name, [id], { ...options, signal: controller.signal }).then(
      () => {
        call.settlements++;
        call.isSettled = true;
        call.isFulfilled = true;
      },
      (error: { code?: unknown }) => {
        call.settlements++;
        call.isSettled = true;
        call.code = error.code;
      },
    );
  }

  checkCounts(): void {
    const stats = this.pool.stats();
    const { live, starting, idle, busy, stopping, submitted, completed, failed, pending, queued, running } =
      stats;
    expect(live).toBe(starting + idle + busy + stopping);
    expect(submitted).toBe(completed + failed + pending);
    expect(pending).toBe(queued + running);
    expect(Object.entries(stats).filter(([, count]) => (count as number) < 0)).toEqual([]);
  }

  get isSettled(): boolean {
    return [...this.others, ...this.calls].every(({ isSettled }) => isSettled);
  }

  /** No promise waits for ever. */
  checkSettled(): void {
    expect([...this.others, ...this.calls].filter(({ isSettled }) => !isSettled)).toEqual([]);
    expect(this.calls.filter(({ settlements }) => settlements !== 1)).toEqual([]);
  }

  checkEnd(): void {
    const { calls, runtime } = this;
    this.checkSettled();
    expect(calls.filter(({ starts, mostStarts }) => starts > mostStarts)).toEqual([]);
    expect(calls.filter(({ code, starts }) => code === "ERR_WORKER_EXIT" && starts === 0)).toEqual([]);
    // What has finished is delivered, unless nobody wants it any more.
    const isLost = ({ hasFinished, isFulfilled, isAborted, code }: Call) =>
      hasFinished && !isFulfilled && !isAborted && code !== "ERR_POOL_CLOSED";
    expect(calls.filter(isLost)).toEqual([]);
    expect(this.#started.size).toBe(0);
    expect(runtime.alive).toEqual([]);
    expect(runtime.listeners).toBe(0);
    expect(runtime.openFiles.size).toBe(0);
    expect(runtime.clock.referenced.size).toBe(0);
    expect(runtime.warnings).toEqual([]);
  }
}

async function play(given: Given, manner: object, steps: readonly Step[]): Promise<void> {
  const scene = new Scene(given, manner);
  const { runtime, pool } = scene;
  for (const now of steps) {
    await scene.carryOut(now);
    scene.checkCounts();
  }
  if (scene.closing === undefined) {
    for (let waited = 0; waited < QUIET && !scene.isSettled; waited += 50) await runtime.clock.advance(50);
    scene.checkSettled();
  }
  const end = scene.closing ?? (steps.length % 2 === 0 ? pool.close({ timeout: 10_000 }) : pool.terminate());
  await runtime.clock.advance(15_000);
  await end;
  scene.checkEnd();
  const sizes = steps.map((now) => (now.do === "resize" ? now.to : 0));
  expect(runtime.mostAlive).toBeLessThanOrEqual(Math.max(given.maxWorkers, ...sizes));
}

describe("a pool under random interleavings", () => {
  it(`settles every call once, starts none more often than it may, delivers what has finished, stays within maxWorkers, and closes: ${SEQUENCES} times`, async () => {
    await fc.assert(fc.asyncProperty(options, manners, fc.array(step, { maxLength: 24 }), play), {
      numRuns: SEQUENCES,
    });
  }, 600_000);
});
