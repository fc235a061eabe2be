/** Whether a contender runs here at all: two workers, two calls, and it closes. No figure. */
import { WORKERS, type Workload } from "./workload.ts";

export const probe: Workload = {
  name: "probe",
  about: "Whether it runs at all.",
  metrics: () => [],
  deadline: 10_000,
  async measure(contender) {
    const pool = await contender.open({ workers: WORKERS, values: "json" });
    await pool.run("noop");
    if (contender.isFloor !== true) {
      const answer = await pool.run("echo", "text");
      if (answer !== "text") throw new Error(`Expected the echo of "text", received ${String(answer)}`);
    }
    await pool.close();
    return {};
  },
};
