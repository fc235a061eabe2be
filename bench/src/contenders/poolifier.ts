/**
 * poolifier's fixed pools with their default strategy. Without `enableTasksQueue` every task is sent at once to the
 * worker with the fewest, and it does more short tasks than with its queue.
 */
import { fileURLToPath } from "node:url";
import { FixedClusterPool, FixedThreadPool } from "poolifier";
import { type Contender, type OpenPool, warmUp } from "./contender.ts";

const script = (name: string) => fileURLToPath(new URL(`../work/${name}.js`, import.meta.url));

export const poolifierCluster: Contender = {
  async open({ workers, values, cold }) {
    const pool = new FixedClusterPool(workers, script("poolifier-cluster-worker"), {
      settings: { serialization: values === "json" ? "json" : "advanced" },
    });
    return opened(pool, workers, cold);
  },
};

export const poolifierThreads: Contender = {
  async open({ workers, cold }) {
    return opened(new FixedThreadPool(workers, script("poolifier-threads-worker")), workers, cold);
  },
};

async function opened(
  pool: { execute(data?: unknown, name?: string): Promise<unknown>; destroy(): Promise<void> },
  workers: number,
  cold: boolean | undefined,
): Promise<OpenPool> {
  const opened: OpenPool = {
    run: (task, argument) => pool.execute(argument, task),
    add: (a, b) => pool.execute([a, b], "addPair"),
    close: () => pool.destroy(),
  };
  if (!cold) await warmUp(opened, workers);
  return opened;
}
