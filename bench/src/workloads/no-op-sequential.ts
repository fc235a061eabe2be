/** One task that does nothing at a time: the time of a round trip. */
import { percentile } from "@reapool/measuring/numbers";
import { timeEach, toCall } from "./drive.ts";
import { WORKERS, type Workload } from "./workload.ts";

export const noOpSequential: Workload = {
  name: "no-op-sequential",
  about: "A task that does nothing, one after the other, two workers: the round trip.",
  metrics: () => [
    { key: "p50", label: "round trip, p50", unit: "µs", better: "lower" },
    { key: "p99", label: "round trip, p99", unit: "µs", better: "lower" },
  ],
  async measure(contender, { quick }) {
    const pool = await contender.open({ workers: WORKERS, values: "json" });
    const call = toCall(pool, "noop");
    await timeEach(call, quick ? 400 : 800);
    const times = await timeEach(call, quick ? 250 : 700);
    await pool.close();
    return { p50: percentile(times, 50), p99: percentile(times, 99) };
  },
};
