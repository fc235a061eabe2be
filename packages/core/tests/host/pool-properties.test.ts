/** G1 to G4 and G7 under random interleavings of calls, aborts, deaths and the end. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createPoolOn } from "../../src/host/create-pool.ts";
import { FakeRuntime } from "../support/fake-runtime.ts";

type Step =
  | { readonly do: "run"; readonly name: "quick" | "slow" | "fail"; readonly timeout: number | undefined }
  | { readonly do: "abort"; readonly call: number }
  | { readonly do: "kill"; readonly worker: number; readonly signal: "SIGKILL" | "SIGSEGV" }
  | { readonly do: "advance"; readonly ms: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant("run" as const),
      name: fc.constantFrom("quick", "slow", "fail"),
      timeout: fc.option(fc.integer({ min: 1, max: 50 }), { nil: undefined }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("abort" as const), call: fc.nat(20) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant("kill" as const),
      worker: fc.nat(3),
      signal: fc.constantFrom("SIGKILL", "SIGSEGV"),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constant("advance" as const), ms: fc.integer({ min: 0, max: 40 }) }),
  },
);

const options = fc.record({
  maxWorkers: fc.integer({ min: 1, max: 3 }),
  concurrentTasksPerWorker: fc.integer({ min: 1, max: 3 }),
  idleTimeout: fc.constantFrom(5, 1_000),
  killTimeout: fc.constant(20),
  restart: fc.constant({ intensity: 3, backoff: { initial: 5, max: 20, jitter: 0 } }),
});

const manners = fc.record({ trapsSigterm: fc.boolean(), ignoresLeave: fc.boolean() });

describe("a pool under random interleavings", () => {
  it("settles every call once, starts each task at most once, stays within maxWorkers, and closes", async () => {
    await fc.assert(
      fc.asyncProperty(
        options,
        manners,
        fc.array(step, { maxLength: 40 }),
        fc.boolean(),
        async (given, manner, steps, isClosed) => {
          const starts = new Map<number, number>();
          const begin = (id: number) => starts.set(id, (starts.get(id) ?? 0) + 1);
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
          const settlements: number[] = [];
          const controllers: AbortController[] = [];

          for (const now of steps) {
            if (now.do === "run") {
              const id = settlements.length;
              settlements.push(0);
              const controller = new AbortController();
              controllers.push(controller);
              const count = () => {
                settlements[id] = (settlements[id] as number) + 1;
              };
              const limits = now.timeout === undefined ? {} : { timeout: now.timeout };
              pool.run(now.name, [id], { signal: controller.signal, ...limits }).then(count, count);
            } else if (now.do === "abort") controllers[now.call]?.abort();
            else if (now.do === "kill") runtime.alive[now.worker]?.end({ code: null, signal: now.signal });
            else await runtime.clock.advance(now.ms);
            const { live, starting, idle, busy, stopping, submitted, completed, failed, pending } =
              pool.stats();
            expect(live).toBe(starting + idle + busy + stopping);
            expect(submitted).toBe(completed + failed + pending);
          }

          const closing = isClosed ? pool.close({ timeout: 10_000 }) : pool.terminate();
          await runtime.clock.advance(15_000);
          await closing;
          expect(settlements.filter((count) => count !== 1)).toEqual([]);
          expect([...starts.values()].filter((count) => count > 1)).toEqual([]);
          expect(runtime.mostAlive).toBeLessThanOrEqual(given.maxWorkers);
          expect(runtime.alive).toEqual([]);
          expect(runtime.listeners).toBe(0);
          expect(runtime.clock.referenced.size).toBe(0);
        },
      ),
      { numRuns: 150 },
    );
  });
});
