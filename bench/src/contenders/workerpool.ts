/** workerpool with its processes, a fixed number of them. */
import { fileURLToPath } from "node:url";
import { pool as createPool } from "workerpool";
import { type Contender, warmUp } from "./contender.ts";

const SCRIPT = new URL("../work/workerpool-worker.js", import.meta.url);

export const workerpool: Contender = {
  async open({ workers, values, cold }) {
    const pool = createPool(fileURLToPath(SCRIPT), {
      workerType: "process",
      minWorkers: workers,
      maxWorkers: workers,
      forkOpts: { serialization: values === "json" ? "json" : "advanced" },
    });
    const opened = {
      run: (task: string, argument?: unknown) =>
        pool.exec(task, argument === undefined ? [] : [argument]) as unknown as Promise<unknown>,
      add: (a: number, b: number) => pool.exec("add", [a, b]) as unknown as Promise<unknown>,
      close: async () => void (await pool.terminate()),
    };
    if (!cold) await warmUp(opened, workers);
    return opened;
  },
};
