/**
 * G1 to G4 and G7 under random interleavings of calls, aborts, time-outs, deaths, recycling, resizing, restarts and the
 * end. A sequence takes some milliseconds, so `npm test` plays 1,000 in each runtime; the environment variable
 * POOL_SEQUENCES asks for more (100,000 take a quarter of an hour).
 */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createPoolOn } from "../../src/host/create-pool.ts";
import type { RunOptions } from "../../src/run-options.ts";
import { FakeRuntime } from "../support/fake-runtime.ts";

const SEQUENCES = Number(process.env.POOL_SEQUENCES ?? 1_000);

type Step =
  | {
      readonly do: "run";
      readonly name: "quick" | "slow" | "fail";
      readonly options: RunOptions;
    }
  | { readonly do: "abort"; readonly call: number }
  | { readonly do: "kill"; readonly worker: number; readonly signal: "SIGKILL" | "SIGSEGV" }
  | { readonly do: "resize"; readonly to: number }
  | { readonly do: "restart" }
  | { readonly do: "close" }
  | { readonly do: "advance"; readonly ms: number };

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
      name: fc.constantFrom("quick", "slow", "fail"),
      options: runOptions,
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("abort" as const), call: fc.nat(12) }) },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant("kill" as const),
      worker: fc.nat(3),
      signal: fc.constantFrom("SIGKILL", "SIGSEGV"),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant("resize" as const), to: fc.integer({ min: 1, max: 3 }) }),
  },
  { weight: 1, arbitrary: fc.constant({ do: "restart" as const }) },
  { weight: 1, arbitrary: fc.constant({ do: "close" as const }) },
  {
    weight: 5,
    arbitrary: fc.record({ do: fc.constant("advance" as const), ms: fc.integer({ min: 0, max: 40 }) }),
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

const manners = fc.record({ trapsSigterm: fc.boolean(), ignoresLeave: fc.boolean() });

type Given = typeof options extends fc.Arbitrary<infer T> ? T : never;

interface Call {
  settlements: number;
  starts: number;
  readonly mostStarts: number;
  code: unknown;
}

async function play(given: Given, manner: object, steps: readonly Step[]): Promise<void> {
  const calls: Call[] = [];
  const begin = (id: number) => {
    (calls[id] as Call).starts++;
  };
  const runtime = new FakeRuntime({
    quick: begin,
    slow: (id: number) => {
      begin(id);
      return new Promise((resolve) => runtime.clock.startTimer(30, () => resolve(id)));
    },
    fail: (id: number) => {
      begin(id);
      throw new Error("no");
    },
  });
  Object.assign(runtime.script, manner);
  const pool = createPoolOn(runtime)("/work.ts", given);
  const controllers: AbortController[] = [];
  const others: Promise<unknown>[] = [];
  let closing: Promise<void> | undefined;

  for (const now of steps) {
    switch (now.do) {
      case "run": {
        const id = calls.length;
        const call: Call = { settlements: 0, starts: 0, mostStarts: now.options.retries ? 3 : 1, code: "" };
        calls.push(call);
        const controller = new AbortController();
        controllers.push(controller);
        pool.run(now.name, [id], { ...now.options, signal: controller.signal }).then(
          () => call.settlements++,
          (error: { code?: unknown }) => {
            call.settlements++;
            call.code = error.code;
          },
        );
        break;
      }
      case "abort":
        controllers[now.call]?.abort();
        break;
      case "kill":
        runtime.alive[now.worker]?.end({ code: null, signal: now.signal });
        break;
      case "resize":
        others.push(pool.resize(now.to).catch(() => {}));
        break;
      case "restart":
        others.push(pool.restart().catch(() => {}));
        break;
      case "close":
        closing = pool.close({ timeout: 10_000 });
        break;
      case "advance":
        await runtime.clock.advance(now.ms);
        break;
    }
    const { live, starting, idle, busy, stopping, submitted, completed, failed, pending } = pool.stats();
    expect(live).toBe(starting + idle + busy + stopping);
    expect(submitted).toBe(completed + failed + pending);
  }

  const end = closing ?? (steps.length % 2 === 0 ? pool.close({ timeout: 10_000 }) : pool.terminate());
  await runtime.clock.advance(15_000);
  await end;
  await Promise.all(others);
  expect(calls.filter(({ settlements }) => settlements !== 1)).toEqual([]);
  expect(calls.filter(({ starts, mostStarts }) => starts > mostStarts)).toEqual([]);
  expect(calls.filter(({ code, starts }) => code === "ERR_WORKER_EXIT" && starts === 0)).toEqual([]);
  const sizes = steps.map((now) => (now.do === "resize" ? now.to : 0));
  expect(runtime.mostAlive).toBeLessThanOrEqual(Math.max(given.maxWorkers, ...sizes));
  expect(runtime.alive).toEqual([]);
  expect(runtime.listeners).toBe(0);
  expect(runtime.clock.referenced.size).toBe(0);
}

describe("a pool under random interleavings", () => {
  it(`settles every call once, starts none more often than it may, stays within maxWorkers, and closes: ${SEQUENCES} times`, async () => {
    await fc.assert(fc.asyncProperty(options, manners, fc.array(step, { maxLength: 24 }), play), {
      numRuns: SEQUENCES,
    });
  }, 600_000);
});
