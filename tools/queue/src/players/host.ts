/** A worker host, in the runtime that runs it: a pool that takes the jobs of the queue, until it is killed or told to stop. */
import process from "node:process";
import { createQueueWorker } from "@reapool/bullmq";
import { createPool } from "reapool";
import { backendOf, connectionOf } from "./connect.ts";
import { listen, say, setup } from "./conversation.ts";
import type * as Work from "./work.ts";

const CLOSE_MS = 5_000;

listen(() => {});
const pool = createPool<typeof Work>(new URL("./work.ts", import.meta.url), { maxWorkers: setup.workers });
const queue = createQueueWorker(setup.queue, pool, {
  connection: connectionOf(setup),
  backend: backendOf(setup),
  lockDuration: setup.lockDuration,
  stalledInterval: setup.lockDuration / 2,
  maxStalledCount: 100, // hosts are killed more often here than anywhere else
  removeOnComplete: { count: setup.jobs + 1 },
  remoteCancel: false,
  drainDelay: 1,
});
process.on("SIGTERM", async () => {
  await queue.close({ timeout: CLOSE_MS });
  await pool.close();
  process.exit(0);
});
await queue.ready();
say({ type: "ready" });
