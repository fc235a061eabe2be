/**
 * tinypool with its processes. `minThreads` is what it calls a fixed size; no worker is recycled, which would be a new
 * process for each task.
 */
import { fileURLToPath } from "node:url";
import { Tinypool } from "tinypool";
import { type Contender, WORK, warmUp } from "./contender.ts";

export const tinypool: Contender = {
  async open({ workers, values, cold }) {
    const pool = new Tinypool({
      filename: fileURLToPath(WORK),
      runtime: "child_process",
      minThreads: workers,
      maxThreads: workers,
      isolateWorkers: false,
      serialization: values === "json" ? "json" : "advanced",
    });
    const opened = {
      run: (task: string, argument?: unknown) => pool.run(argument, { name: task }),
      close: () => pool.destroy(),
    };
    if (!cold) await warmUp(opened, workers);
    return opened;
  },
};
