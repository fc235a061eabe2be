/** jest-worker with its processes. By default it has no queue for all workers, but one per worker that shares. */
import { fileURLToPath } from "node:url";
import { Worker } from "jest-worker";
import { type Contender, TASK_NAMES, type TaskName, WORK, warmUp } from "./contender.ts";

type Farm = Worker & Record<TaskName, (...args: unknown[]) => Promise<unknown>>;

export const jestWorker: Contender = {
  async open({ workers, values, cold }) {
    const farm = new Worker(fileURLToPath(WORK), {
      numWorkers: workers,
      exposedMethods: TASK_NAMES,
      forkOptions: { serialization: values === "json" ? "json" : "advanced" },
    }) as Farm;
    const opened = {
      run: (task: TaskName, argument?: unknown) =>
        argument === undefined ? farm[task]() : farm[task](argument),
      add: (a: number, b: number) => farm.add(a, b),
      close: async () => void (await farm.end()),
    };
    if (!cold) await warmUp(opened, workers);
    return opened;
  },
};
