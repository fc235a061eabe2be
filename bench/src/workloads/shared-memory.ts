/** 64 MiB to a worker and back: handed over without a copy, and copied. */
import { median } from "@reapool/measuring/numbers";
import type { OpenPool } from "../contenders/contender.ts";
import { whyOf, within } from "./deadline.ts";
import { type Measured, type Metric, WORKERS, type Workload } from "./workload.ts";

const BYTES = 64 * 2 ** 20;
const BUDGET_MS = 300;
const QUICK_BUDGET_MS = 100;
/** So many trips are made if they take longer, until that takes too long as well. */
const TRIPS = 3;
const LONG_BUDGET_MS = 1_000;
const LONGEST_MS = 8_000;

const TASKS = [
  ["touch", "one byte is written"],
  ["readAll", "all of it is read"],
] as const;

export const sharedMemory: Workload = {
  name: "shared-memory",
  about:
    "64 MiB to a worker and back, by a handle (reapool's shared memory, piscina's move) and by value: the round trip.",
  metrics: () =>
    TASKS.flatMap(([task, label]): Metric[] => [
      { key: `${task} handed`, label: `handed over, ${label}`, unit: "ms", better: "lower" },
      { key: `${task} copied`, label: `copied, ${label}`, unit: "ms", better: "lower" },
    ]),
  admits: ({ name }) => name === "reapool" || name === "piscina",
  async measure(contender, { quick }, tell) {
    const pool = await contender.open({ workers: WORKERS, values: "bytes" });
    const budget = quick ? QUICK_BUDGET_MS : BUDGET_MS;
    const measured: Record<string, Measured[string]> = {};
    let obstacle: Measured[string] | undefined;
    /** A contender that has not answered once is not asked again. */
    const attempt = async (trips: () => Promise<number>): Promise<Measured[string]> => {
      if (obstacle !== undefined) return obstacle;
      try {
        return await trips();
      } catch (error) {
        const why = whyOf(error);
        if ((error as Error).name === "TooSlow") obstacle = why;
        return why;
      }
    };
    for (const [task] of TASKS) {
      const bytes = new Uint8Array(BYTES);
      measured[`${task} handed`] = await attempt(() => timeHandedOver(pool, task, budget));
      tell(measured);
      measured[`${task} copied`] = await attempt(() => time(() => pool.run(task, bytes), budget));
      tell(measured);
    }
    return measured;
  },
};

function timeHandedOver(pool: OpenPool, task: "touch" | "readAll", budget: number): Promise<number> {
  if (pool.handOver === undefined) throw new Error("it has no such thing");
  const held = pool.handOver(BYTES);
  return time(() => held.send(task), budget);
}

/** In ms. The first trip warms up, where there is time for another. */
async function time(trip: () => Promise<unknown>, budget: number): Promise<number> {
  const times: number[] = [];
  const end = performance.now() + budget;
  const latest = end + LONG_BUDGET_MS;
  do {
    const start = performance.now();
    await within(LONGEST_MS, "answer", trip());
    times.push(performance.now() - start);
  } while (performance.now() < end || (times.length < TRIPS && performance.now() < latest));
  return median(times.length > 1 ? times.slice(1) : times);
}
