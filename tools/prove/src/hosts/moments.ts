/** A host that is killed at any moment: its workers start what leaves their group, and some of them are killed meanwhile. */
import process from "node:process";
import { adapter, WORK } from "./adapter.ts";
import { listen, tell } from "./conversation.ts";
import type * as Work from "./work.ts";

const WORKERS = 3;
/** Each task starts eight processes. */
const SCATTER_EVERY_MS = 100;
const KILL_EVERY_MS = 250;

const token = process.argv[2] as string;
const pool = adapter.createPool<typeof Work>(WORK, {
  minWorkers: WORKERS,
  maxWorkers: WORKERS,
  maxQueue: WORKERS,
  restart: { intensity: Number.POSITIVE_INFINITY, backoff: { initial: 0 } },
  worker: { data: { holdsGrandchild: true }, stderr: "ignore" },
});
await pool.ready();
setInterval(() => pool.run("scatter", [token]).catch(() => {}), SCATTER_EVERY_MS);
setInterval(() => {
  const [worker] = pool.workers.filter(({ state }) => state === "idle" || state === "busy");
  if (worker?.pid !== undefined) process.kill(worker.pid, "SIGKILL");
}, KILL_EVERY_MS);
listen({});
tell({ type: "ready", workers: pool.workers.map(({ pid }) => pid as number) });
