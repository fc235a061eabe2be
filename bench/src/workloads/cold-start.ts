/** From nothing to the first result. */
import { WORKERS, type Workload } from "./workload.ts";

export const coldStart: Workload = {
  name: "cold-start",
  about:
    "A pool of two workers is created and called at once: until the first result. The pool's module is loaded already, the runtime's own start is not in it.",
  metrics: () => [{ key: "first", label: "first result", unit: "ms", better: "lower" }],
  async measure(contender) {
    const start = performance.now();
    const pool = await contender.open({ workers: WORKERS, values: "json", cold: true });
    await pool.run("noop");
    return { first: performance.now() - start };
  },
};
