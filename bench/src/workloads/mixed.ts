/** Short tasks beside long ones: how long the short ones wait. */
import { percentile } from "@reapool/measuring/numbers";
import type { OpenPool, TaskName } from "../contenders/contender.ts";
import { WORKERS, type Workload } from "./workload.ts";

const SHORT_MS = 0.01;
const LONG_MS = 50;
/** Short tasks come in fours, as often as a timer of 1 ms allows, whether the previous ones are done or not. */
const BURST = 4;

/** A pool that learns how long each function takes can't tell them apart if one function does both. */
const VARIANTS: readonly [key: string, label: string, long: TaskName][] = [
  ["two", "two functions", "spinLong"],
  ["one", "one function for both", "spin"],
];

export const mixed: Workload = {
  name: "mixed",
  about:
    "Tasks of 10 µs, four each millisecond, while one of 50 ms follows the other; two workers: from the call of a short one to its result.",
  metrics: () =>
    VARIANTS.flatMap(([key, label]) => [
      { key: `${key} p50`, label: `${label}: short tasks, p50`, unit: "µs", better: "lower" } as const,
      { key: `${key} p99`, label: `${label}: short tasks, p99`, unit: "µs", better: "lower" } as const,
      { key: `${key} long`, label: `${label}: long tasks done`, unit: "tasks/s", better: "neither" } as const,
    ]),
  admits: (entry) => entry.kind !== "floor",
  async measure(contender, { quick }) {
    const measured: Record<string, number> = {};
    for (const [key, , long] of VARIANTS) {
      const pool = await contender.open({ workers: WORKERS, values: "json" }); // each learns anew
      await mix(pool, long, 200);
      const { times, longDone, seconds } = await mix(pool, long, quick ? 500 : 900);
      measured[`${key} p50`] = percentile(times, 50);
      measured[`${key} p99`] = percentile(times, 99);
      measured[`${key} long`] = longDone / seconds;
      await pool.close();
    }
    return measured;
  },
};

async function mix(pool: OpenPool, long: TaskName, ms: number) {
  const times: number[] = [];
  const pending: Promise<unknown>[] = [];
  const start = performance.now();
  const end = start + ms;
  let longDone = 0;
  const allLong = (async () => {
    while (performance.now() < end) {
      await pool.run(long, LONG_MS);
      longDone++;
    }
  })();
  const submit = () => {
    const called = performance.now();
    pending.push(pool.run("spin", SHORT_MS).then(() => times.push((performance.now() - called) * 1_000)));
  };
  while (performance.now() < end) {
    for (let i = 0; i < BURST; i++) submit();
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  await Promise.all([allLong, ...pending]);
  return { times, longDone, seconds: (performance.now() - start) / 1_000 };
}
