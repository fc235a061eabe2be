/**
 * tinypool with its processes. `minThreads` gives it a fixed size; no worker is recycled, which would start a new
 * process for each task.
 */
import { fileURLToPath } from "node:url";
import { Tinypool } from "tinypool";
import { type Contender, WORK, warmUp } from "./contender.ts";

/**
 * Several tasks at once more than double its throughput for tasks that do nothing. Longer tasks would wait behind
 * each other. (piscina has the same option, and gains nothing from it.)
 */
const SHORT_TASKS = 128;

export const tinypool: Contender = {
  async open({ workers, values, areShort, cold }) {
    const pool = new Tinypool({
      filename: fileURLToPath(WORK),
      runtime: "child_process",
      minThreads: workers,
      maxThreads: workers,
      isolateWorkers: false,
      concurrentTasksPerWorker: areShort ? SHORT_TASKS : 1,
      serialization: values === "json" ? "json" : "advanced",
    });
    const opened = {
      run: (task: string, argument?: unknown) => pool.run(argument, { name: task }),
      add: (a: number, b: number) => pool.run([a, b], { name: "addPair" }),
      close: () => pool.destroy(),
    };
    if (!cold) await warmUp(opened, workers);
    return opened;
  },
};
