/** Many tasks that do nothing, at once: a pool's throughput, and its cost for the host. */
import { compile, keepInFlight, toCall } from "./drive.ts";
import { type Measured, WORKERS, type Workload } from "./workload.ts";

const IN_FLIGHT = [1, 16, 256, 4096];

export const noOpInFlight: Workload = {
  name: "no-op-in-flight",
  about:
    "Tasks that do nothing, so many in flight at any time, two workers: throughput, and the host's CPU time for each (with threads the workers' own is in it).",
  metrics: () =>
    IN_FLIGHT.flatMap((inFlight) => [
      { key: `${inFlight} rate`, label: `${inFlight} in flight`, unit: "tasks/s", better: "higher" } as const,
      {
        key: `${inFlight} cpu`,
        label: `${inFlight} in flight, host CPU per task`,
        unit: "µs",
        better: "lower",
      } as const,
    ]),
  async measure(contender, size) {
    const pool = await contender.open({ workers: WORKERS, values: "json", areShort: true });
    const call = toCall(pool, "noop");
    const measured: Record<string, number> = {};
    await compile(pool, size);
    for (const inFlight of IN_FLIGHT) {
      await keepInFlight(call, inFlight, 100);
      const { completed, seconds, cpu } = await keepInFlight(call, inFlight, size.quick ? 200 : 300);
      measured[`${inFlight} rate`] = completed / seconds;
      measured[`${inFlight} cpu`] = cpu / completed;
    }
    await pool.close();
    return measured satisfies Measured;
  },
};
