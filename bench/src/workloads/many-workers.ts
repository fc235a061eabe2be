/** Many workers come and go. */
import { within } from "./deadline.ts";
import type { Workload } from "./workload.ts";

const COUNT = 64;
const QUICK_COUNT = 16;
/** Long enough to ask every worker before the first is free again. */
const ASKED_MS = 20;
const LONGEST_MS = 15_000;

export const manyWorkers: Workload = {
  name: "many-workers",
  about: `A pool of ${COUNT} workers (quick: ${QUICK_COUNT}): until each of them has answered, and until it is closed.`,
  metrics: () => [
    { key: "up", label: "up", unit: "ms", better: "lower" },
    { key: "down", label: "down", unit: "ms", better: "lower" },
  ],
  admits: (entry) => entry.kind !== "floor",
  deadline: 45_000,
  async measure(contender, { quick }, tell) {
    const count = quick ? QUICK_COUNT : COUNT;
    const start = performance.now();
    const pool = await contender.open({ workers: count, values: "json", cold: true });
    const ids = new Set<unknown>();
    const askAll = async () => {
      while (ids.size < count) {
        const answers = Array.from({ length: count }, () => pool.run("identify", ASKED_MS));
        for (const id of await Promise.all(answers)) ids.add(id);
      }
    };
    await within(LONGEST_MS, `answer of each of ${count} workers`, askAll());
    const up = performance.now() - start;
    tell({ up });
    const closing = performance.now();
    await within(LONGEST_MS, "end of close()", pool.close());
    return { up, down: performance.now() - closing };
  },
};
