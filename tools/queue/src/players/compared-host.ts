/** A host of the comparison: the same queue and the same options, with BullMQ's own sandbox or with a pool. */
import process from "node:process";
import { setTimeout as wait } from "node:timers/promises";
import { createQueueWorker } from "@reapool/bullmq";
import { Worker } from "bullmq";
import { createPool } from "reapool";
import type { Trial } from "../messages.ts";
import { backendOf, connectionOf } from "./connect.ts";
import { listen, say, setup } from "./conversation.ts";

/** How long a task has to stop that is told to. */
const KILL_MS = 500;

interface Side {
  readonly worker: Worker;
  ready(): Promise<unknown>;
  /** Within that time. */
  close(ms: number): Promise<unknown>;
}

const { side, timeout, memory, tasksPerProcess, isStandby = false } = setup.trial as Trial;
const options = {
  connection: connectionOf(setup),
  lockDuration: setup.lockDuration,
  stalledInterval: setup.lockDuration / 2,
  maxStalledCount: 100,
  drainDelay: 1,
  autorun: !isStandby,
  removeOnComplete: { count: 1_000_000 }, // they are counted
};
const { worker, ready, close } = side === "pool" ? withPool() : withSandbox();

worker.on("error", () => {}); // a killed engine would be seen in the results
listen(async (command, argument = "") => {
  if (command === "cancel") say({ type: "answer", value: worker.cancelJob(argument) });
  if (command === "run") await worker.run();
  if (command === "close") {
    await close(Number(argument));
    process.exit(0);
  }
});
await ready();
say({ type: "ready" });

function withSandbox(): Side {
  const worker = new Worker(
    setup.queue,
    new URL("./deed-sandbox.ts", import.meta.url),
    {
      ...options,
      concurrency: setup.workers,
      // It has no limit of memory itself; the one that its processes can have is that of their heap.
      ...(memory === undefined ? {} : { workerForkOptions: { execArgv: heapLimit(memory) } }),
    } as never,
    backendOf(setup) as never,
  );
  return {
    worker,
    ready: () => worker.waitUntilReady(),
    close: (ms) => Promise.race([worker.close(), wait(ms)]),
  };
}

/** Bun and Deno take none on the command line of a fork. */
function heapLimit(bytes: number): string[] {
  const { bun, deno } = process.versions as { bun?: string; deno?: string };
  return bun === undefined && deno === undefined ? [`--max-old-space-size=${bytes / 2 ** 20}`] : [];
}

function withPool(): Side {
  const pool = createPool(new URL("./deed-tasks.ts", import.meta.url), {
    maxWorkers: setup.workers,
    killTimeout: KILL_MS,
    ...(tasksPerProcess === undefined ? {} : { recycle: { tasks: tasksPerProcess, exact: true } }),
    ...(memory === undefined ? {} : { worker: { limits: { memory } } }),
  });
  const queue = createQueueWorker(setup.queue, pool, {
    ...options,
    backend: backendOf(setup),
    timeout,
    remoteCancel: false,
  });
  return {
    worker: queue.worker,
    ready: () => queue.ready(),
    async close(ms) {
      await queue.close({ timeout: ms });
      await pool.close();
    },
  };
}
