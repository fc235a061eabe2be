/** Tasks that take a while: the time lost between one and the next. */
import { compile, keepInFlight, toCall } from "./drive.ts";
import { WORKERS, type Workload } from "./workload.ts";

const TASKS: readonly [ms: number, count: number, quickCount: number][] = [
  [1, 600, 300],
  [10, 60, 30],
];

/** So many tasks of 1 ms at any time, for their cost. */
const IN_FLIGHT = 16;

export const busyTasks: Workload = {
  name: "busy-tasks",
  isInQuick: true,
  about:
    "Tasks that are busy for 1 ms and 10 ms by the clock, all queued at once, two workers: the share of their time that the workers were at it. The host competes with them for the CPUs, which a task that goes by the clock does not feel. And what each costs the host with 16 of 1 ms in flight (with threads the task itself is in it).",
  metrics: () => [
    ...TASKS.map(
      ([ms]) =>
        ({ key: `${ms} ms`, label: `${ms} ms tasks, efficiency`, unit: "%", better: "higher" }) as const,
    ),
    { key: "cpu", label: "1 ms tasks, host CPU per task", unit: "µs", better: "lower" },
  ],
  async measure(contender, size) {
    const pool = await contender.open({ workers: WORKERS, values: "json" });
    const measured: Record<string, number> = {};
    await compile(pool, size); // the compilers compete for the CPUs as well
    for (const [ms, count, quickCount] of TASKS) {
      const call = toCall(pool, "spin", ms);
      await allAtOnce(call, 300 / ms); // until the pool knows how long this one takes
      const tasks = size.quick ? quickCount : count;
      const elapsed = await allAtOnce(call, tasks);
      measured[`${ms} ms`] = (100 * tasks * ms) / (elapsed * WORKERS);
    }
    const { completed, cpu } = await keepInFlight(toCall(pool, "spin", 1), IN_FLIGHT, size.quick ? 300 : 600);
    measured.cpu = cpu / completed;
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
