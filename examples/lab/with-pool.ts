/** The hosts that take the ways out: the same as in without-pool.ts, with what this repository ships. */
import { createPool, type Launcher, runtime, spawnDetached } from "reapool";
import { block, say } from "./conversation.ts";
import { startOrphan } from "./own-spawn.ts";
import { countTicks } from "./ticks.ts";
import * as work from "./work.ts";

const WORK = new URL("./work.ts", import.meta.url);

/** Row 1: the guard comes with the pool. */
export function spinning(): void {
  const pool = createPool<typeof work>(WORK, { maxWorkers: 1, worker: { stdout: "capture" } });
  pool.on("stdout", ({ worker, line }) => {
    if (line === work.SPINS) say("worker", worker.pid ?? 0);
  });
  pool.run("spin").catch(() => {});
}

/** Row 2: waits for the end of a worker by the pool's exit event. */
export async function waiting(): Promise<void> {
  const pool = createPool<typeof work>(WORK, { minWorkers: 1, maxWorkers: 1, worker: { stdout: "ignore" } });
  await pool.ready();
  const ticks = countTicks();
  const off = pool.on("exit", () => {
    ticks.tell();
    off();
  });
  say("waits", pool.workers[0]?.pid ?? 0);
}

/** Row 3: each worker has an exit callback, and is replaced there. */
export function replacing(): void {
  const pool = createPool<typeof work>(WORK, { minWorkers: 1, maxWorkers: 1, worker: { stdout: "ignore" } });
  pool.on("ready", ({ worker }) => say("ready", worker.pid ?? 0));
}

/** Row 4: two daemons, and then an event loop that is blocked. */
export async function detaching(): Promise<void> {
  say("daemon", await spawnDetached({ file: "sleep", args: ["60"] }));
  say("daemon", await spawnDetached({ file: "sleep", args: ["60"] }));
  block();
}

/** Starts two processes, writes to the one and reads from the other, and waits for neither. */
const AWK = `BEGIN { print "" | "exec sleep 60"; fflush(); "exec tail -f /dev/null" | getline }`;
/** Not in a shell: most shells reset SIGCHLD. */
const foreignLauncher: Launcher = { name: "awk", command: () => ({ file: "awk", args: [AWK] }) };

/** Row 5: a foreign worker. It speaks no protocol, so it stays "starting": enough to look at what is below it. */
export function foreign(sigchld: string): void {
  const pool = createPool(WORK, {
    minWorkers: 1,
    maxWorkers: 1,
    startTimeout: 60_000,
    worker: {
      launcher: foreignLauncher,
      sigchld: sigchld === "ignore" ? "ignore" : "default",
      stdout: "ignore",
      stderr: "ignore",
    },
  });
  pool.on("start", ({ worker }) => say("worker", worker.pid ?? 0));
}

/** Row 6: the reaper. It needs no worker, only the pool. */
export function collecting(): void {
  const libc = runtime.openLibc();
  if (typeof libc === "string") {
    say("unavailable", libc);
    return;
  }
  createPool(WORK, { orphans: process.pid === 1 ? "auto" : "adopt" });
  startOrphan(() => say("orphaned", 0));
}

/** Row 7: a worker that starts a daemon, which is in none of its groups. */
export async function scattering(containment: string): Promise<void> {
  const pool = createPool<typeof work>(WORK, {
    maxWorkers: 1,
    worker: { containment: containment === "group" ? "group" : "tree", stdout: "ignore" },
  });
  say("daemon", await pool.run("startDaemon"));
  say("worker", pool.workers[0]?.pid ?? 0);
}
