/** Calls with arguments and a result: many at once, of a fresh pool and of a warm one; and one at a time, as most services call. */
import { percentile } from "@reapool/measuring/numbers";
import type { OpenPool } from "../contenders/contender.ts";
import { type Call, complete, cpuSince, keepInFlight, ratesOf } from "./drive.ts";
import { type Metric, WORKERS, type Workload } from "./workload.ts";

const IN_FLIGHT = 256;
const FIRST_CALLS = 40_000;
const PAUSE_MS = 2;

const PHASES = [
  ["cold", "the first 40,000 calls"],
  ["warm", "warm"],
] as const;

export const calls: Workload = {
  name: "calls",
  isInQuick: true,
  about:
    "add(n, 1), 256 in flight, two workers that are up: the first 40,000 calls of a pool, and those that follow; throughput, and the host's CPU time for each (with threads the workers' own is in it).",
  metrics: () =>
    PHASES.flatMap(([key, label]): Metric[] => [
      { key: `${key} rate`, label, unit: "tasks/s", better: "higher" },
      { key: `${key} cpu`, label: `${label}, host CPU per call`, unit: "µs", better: "lower" },
    ]),
  async measure(contender, { quick }) {
    const pool = await contender.open({ workers: WORKERS, values: "json", areShort: true });
    const call = toAdd(pool);
    const cold = await complete(call, IN_FLIGHT, FIRST_CALLS);
    await keepInFlight(call, IN_FLIGHT, quick ? 200 : 500);
    const warm = await keepInFlight(call, IN_FLIGHT, quick ? 400 : 1_000);
    await pool.close();
    return { ...ratesOf("cold", cold), ...ratesOf("warm", warm) };
  },
};

export const callsWithPauses: Workload = {
  name: "calls-with-pauses",
  about: `add(n, 1), one at a time, with ${PAUSE_MS} ms between an answer and the next call, two workers: the round trip, and the host's CPU time for each (with threads the workers' own is in it).`,
  metrics: () => [
    { key: "p50", label: "round trip, p50", unit: "µs", better: "lower" },
    { key: "p99", label: "round trip, p99", unit: "µs", better: "lower" },
    { key: "cpu", label: "host CPU per call and pause", unit: "µs", better: "lower" },
  ],
  async measure(contender, { quick }) {
    const pool = await contender.open({ workers: WORKERS, values: "json" });
    await timeWithPauses(pool, 200);
    const cpuBefore = process.cpuUsage();
    const times = await timeWithPauses(pool, quick ? 200 : 600);
    const cpu = cpuSince(cpuBefore);
    await pool.close();
    return {
      p50: percentile(times, 50),
      p99: percentile(times, 99),
      cpu: cpu / times.length,
    };
  },
};

/** A failed call ends the measurement: nobody catches its rejection. */
function toAdd(pool: OpenPool): Call {
  let number = 0;
  return (done) => void pool.add(++number, 1).then(done);
}

/** The time of each call, in µs. */
async function timeWithPauses(pool: OpenPool, count: number): Promise<number[]> {
  const times: number[] = [];
  for (let i = 0; i < count; i++) {
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    const start = performance.now();
    await pool.add(i, 1);
    times.push((performance.now() - start) * 1_000);
  }
  return times;
}
