/** A host that is to die: six workers, one in each state, each with a grandchild. Dies by itself on command. */
import process from "node:process";
import { adapter, WORK } from "./adapter.ts";
import { listen, tell } from "./conversation.ts";
import type { WorkerState } from "./messages.ts";
import type * as Work from "./work.ts";

const pool = adapter.createPool<typeof Work>(WORK, {
  minWorkers: 6,
  maxWorkers: 6,
  worker: { data: { holdsGrandchild: true } },
});
await pool.ready();

/** The worker that takes a call and keeps it for good. */
async function occupy(call: () => Promise<unknown>): Promise<number> {
  const busy = () => pool.workers.filter(({ state }) => state === "busy").map(({ pid }) => pid);
  const before = new Set(busy());
  call().catch(() => {}); // it ends with this process, or at its close
  for (;;) {
    const pid = busy().find((candidate) => !before.has(candidate));
    if (pid !== undefined) return pid;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

const TEN_MINUTES = 600_000;
const timer = await occupy(() => pool.run("wait", [TEN_MINUTES]));
const stopped = await occupy(() => pool.run("wait", [TEN_MINUTES])); // the watching process sends it SIGSTOP
const busy = await occupy(() => pool.run("spin"));
const trapped = await occupy(() => pool.run("spinTrapped"));
const scattered = await occupy(() => pool.run("scatterAndWait", [process.argv[2] as string]));
const taken = [timer, stopped, busy, trapped, scattered];
const idle = pool.workers.find(({ pid }) => pid !== undefined && !taken.includes(pid))?.pid as number;
const workers: Record<WorkerState, number> = { idle, timer, busy, trapped, stopped, scattered };

listen({
  ask: async () => tell({ type: "answer", sum: await pool.run("add", [1, 2]) }),
  print: () => process.stdout.write("to whoever reads this\n"), // Node's console.log tolerates a missing reader
  exit: () => process.exit(5),
  throw: () =>
    setTimeout(() => {
      throw new Error("uncaught, on purpose");
    }, 0),
});
tell({ type: "matrix", workers });
