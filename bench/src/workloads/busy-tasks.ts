/** Tasks that take a while: what is lost between one and the next. */
import { keepInFlight, toCall } from "./drive.ts";
import { WORKERS, type Workload } from "./workload.ts";

const TASKS: readonly [ms: number, count: number, quickCount: number][] = [
  [1, 1_000, 300],
  [10, 100, 30],
];

export const busyTasks: Workload = {
  name: "busy-tasks",
  about:
    "Tasks that are busy for 1 ms and 10 ms by the clock, all queued at once, two workers: the share of their time that the workers were at it. The host competes with them for the CPUs, which a task that goes by the clock does not feel.",
  metrics: () =>
    TASKS.flatMap(([ms]) => [
      { key: `${ms} ms`, label: `${ms} ms tasks, efficiency`, unit: "%", better: "higher" } as const,
    ]),
  admits: (entry) => entry.kind !== "floor",
  async measure(contender, { quick }) {
    const pool = await contender.open({ workers: WORKERS, values: "json" });
    const measured: Record<string, number> = {};
    // Until the code of either side is compiled as it will stay: the compilers compete for the CPUs as well.
    await keepInFlight(toCall(pool, "noop"), 64, quick ? 600 : 1_000);
    for (const [ms, count, quickCount] of TASKS) {
      const call = toCall(pool, "spin", ms);
      await allAtOnce(call, 300 / ms);
      const tasks = quick ? quickCount : count;
      const elapsed = await allAtOnce(call, tasks);
      measured[`${ms} ms`] = (100 * tasks * ms) / (elapsed * WORKERS);
    }
    return measured;
  },
};

function allAtOnce(call: (done: () => void) => void, count: number): Promise<number> {
  return new Promise((resolve) => {
    let left = count;
    const start = performance.now();
    const done = () => {
      if (--left === 0) resolve(performance.now() - start);
    };
    for (let i = 0; i < count; i++) call(done);
  });
}
