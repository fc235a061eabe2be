/** reapool with its defaults, and once without sending ahead, as the baseline for fairness. */
import type { PoolOptions } from "@reapool/core";
import {
  type Contender,
  type HandedOver,
  type OpenOptions,
  type OpenPool,
  WORK,
  warmUp,
} from "./contender.ts";

const adapters = {
  node: () => import("@reapool/node"),
  bun: () => import("@reapool/bun"),
  deno: () => import("@reapool/deno"),
};
const name = "Bun" in globalThis ? "bun" : "Deno" in globalThis ? "deno" : "node";
const adapter: typeof import("@reapool/node") = await adapters[name]();

export const reapool: Contender = { knowsSpares: true, open: (options) => open(options, {}) };

export const reapoolWithoutPrefetch: Contender = {
  knowsSpares: true,
  open: (options) => open(options, { prefetch: 0 } as PoolOptions),
};

async function open({ workers, spares = 0, cold }: OpenOptions, more: PoolOptions): Promise<OpenPool> {
  const pool = adapter.createPool(WORK, {
    ...more,
    minWorkers: workers + spares,
    maxWorkers: workers + spares,
    spares,
  });
  const run: OpenPool["run"] = (task, argument) => pool.run(task, argument === undefined ? [] : [argument]);
  const opened: OpenPool = {
    run,
    add: (a, b) => pool.run("add", [a, b]),
    close: () => pool.close(),
    onExit: (callback) => void pool.on("exit", callback),
    busyPids: () =>
      pool.workers.flatMap(({ pid, running }) => (running > 0 && pid !== undefined ? [pid] : [])),
    ready: () => pool.ready(),
    handOver: (bytes) => handOver(run, bytes),
  };
  if (cold) return opened;
  await pool.ready();
  await warmUp(opened, workers);
  return opened;
}

function handOver(run: OpenPool["run"], bytes: number): HandedOver {
  const { createSharedBuffer } = adapter as { createSharedBuffer?: (bytes: number) => ArrayBuffer };
  if (createSharedBuffer === undefined) throw new Error("createSharedBuffer is not there");
  let held = new Uint8Array(createSharedBuffer(bytes));
  return {
    send: async (task) => {
      held = (await run(task, held)) as typeof held;
    },
  };
}
