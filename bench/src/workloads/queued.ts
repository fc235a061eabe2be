/** Very many waiting tasks: whether a task costs more when a million others wait, and how much memory it uses. */
import { median } from "@reapool/measuring/numbers";
import { collectGarbage } from "../collect-garbage.ts";
import type { OpenPool } from "../contenders/contender.ts";
import { formatNumber } from "../format.ts";
import { type Call, toCall } from "./drive.ts";
import { type Size, WORKERS, type Workload } from "./workload.ts";

const FEW = 1_000;
const manyOf = ({ quick }: Size) => (quick ? 100_000 : 1_000_000);
/** Of batches of few. */
const FEW_MS = 400;
/** Tasks that are not done by then are not waited for: the cost per task is that of the finished ones. */
const LIMIT_MS = 1_500;
const QUICK_LIMIT_MS = 1_000;

export const queued: Workload = {
  name: "queued",
  about: `Tasks that do nothing, all called in one go and then awaited, two workers: the time for each when a thousand and when a million (quick: a hundred thousand) are queued, and the memory each holds while it waits. After ${LIMIT_MS / 1_000} s a task costs what those that are done have cost.`,
  metrics: (size) => [
    { key: "few", label: "1,000 queued, time per task", unit: "µs", better: "lower" },
    {
      key: "many",
      label: `${formatNumber(manyOf(size))} queued, time per task`,
      unit: "µs",
      better: "lower",
    },
    { key: "ratio", label: `${formatNumber(manyOf(size))} against 1,000`, unit: "×", better: "neither" },
    { key: "heap", label: "heap per queued task", unit: "bytes", better: "lower" },
    { key: "rss", label: "resident memory per queued task", unit: "bytes", better: "lower" },
    { key: "done", label: "done within the limit", unit: "%", better: "neither" },
  ],
  admits: (entry) => entry.isReference === true && entry.kind !== "floor", // each takes half a minute: only the best peers
  async measure(contender, size, tell) {
    const pool = await contender.open({ workers: WORKERS, values: "json", areShort: true });
    const { quick } = size;
    const few = await timeFew(toCall(pool, "noop"), quick ? FEW_MS / 2 : FEW_MS);
    tell({ few });
    const many = await timeMany(pool, manyOf(size), quick ? QUICK_LIMIT_MS : LIMIT_MS);
    return { few, ...many, ratio: many.many / few };
  },
};

/** In µs per task. */
async function timeFew(call: Call, ms: number): Promise<number> {
  const times: number[] = [];
  const end = performance.now() + ms;
  do {
    const start = performance.now();
    await new Promise<void>((resolve) => {
      let left = FEW;
      const done = () => {
        if (--left === 0) resolve();
      };
      for (let i = 0; i < FEW; i++) call(done);
    });
    times.push(((performance.now() - start) * 1_000) / FEW);
  } while (performance.now() < end);
  return median(times.length > 2 ? times.slice(1) : times);
}

async function timeMany(pool: OpenPool, count: number, limit: number) {
  const call = toCall(pool, "noop");
  let done = 0;
  const { promise: allDone, resolve } = Promise.withResolvers<void>();
  const onDone = () => {
    if (++done === count) resolve();
  };
  collectGarbage();
  const before = process.memoryUsage();
  const start = performance.now();
  for (let i = 0; i < count; i++) call(onDone);
  const submitting = performance.now() - start;
  // Nothing has been answered yet: the loop has not turned. Reading memory here is not on the clock.
  const full = process.memoryUsage();
  collectGarbage();
  const held = process.memoryUsage();
  const drainStart = performance.now();
  const timer = setTimeout(resolve, limit);
  await allDone;
  clearTimeout(timer);
  const draining = performance.now() - drainStart;
  return {
    many: (submitting / count + draining / done) * 1_000,
    heap: (held.heapUsed - before.heapUsed) / count,
    rss: (full.rss - before.rss) / count,
    done: (100 * done) / count,
  };
}
