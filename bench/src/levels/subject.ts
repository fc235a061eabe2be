/**
 * The program of a fresh process: pools with `worker.containment` "group" and "tree", alternating, and what each costs to
 * start a worker, to replace one after each task, and from the death of one to the next result.
 */
import type { Containment } from "@reapool/core";
import { median } from "@reapool/measuring/numbers";
import { tellAndEnd } from "../report.ts";

const [timesText = "", tasksText = ""] = process.argv.slice(2);
const WORK = new URL("../work/tasks.js", import.meta.url);
/** Longer than anything here takes. */
const BUSY_MS = 60_000;
/** Until a call that a worker is to begin is surely running. */
const UNDER_WAY_MS = 100;
const LEVELS: readonly Containment[] = ["group", "tree"];

const adapters = {
  node: () => import("@reapool/node"),
  bun: () => import("@reapool/bun"),
  deno: () => import("@reapool/deno"),
};
const name = "Bun" in globalThis ? "bun" : "Deno" in globalThis ? "deno" : "node";
const { createPool }: typeof import("@reapool/node") = await adapters[name]();

/** In ms. */
async function timed(action: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await action();
  return performance.now() - start;
}

async function start(containment: Containment): Promise<number> {
  const pool = createPool(WORK, { minWorkers: 1, maxWorkers: 1, worker: { containment } });
  const ms = await timed(() => pool.ready());
  await pool.close();
  return ms;
}

/** For each task, with a worker of its own. */
async function replace(containment: Containment): Promise<number> {
  const recycle = { tasks: 1 };
  const pool = createPool(WORK, { minWorkers: 2, maxWorkers: 2, recycle, worker: { containment } });
  await pool.ready();
  const tasks = Number(tasksText);
  const ms = await timed(() => Promise.all(Array.from({ length: tasks }, () => pool.run("add", [1, 1]))));
  await pool.close();
  return ms / tasks;
}

/** Of a busy worker beside an idle one. */
async function recover(containment: Containment): Promise<number> {
  const pool = createPool(WORK, { minWorkers: 2, maxWorkers: 2, worker: { containment } });
  await pool.ready();
  const { promise: begins, resolve: onStart } = Promise.withResolvers<number>();
  const busy = pool.run("spin", [BUSY_MS], { onStart: ({ worker: { pid } }) => onStart(pid as number) });
  const pid = await begins;
  await pool.run("wait", [UNDER_WAY_MS]);
  const ms = await timed(async () => {
    process.kill(pid, "SIGKILL");
    await busy.catch(() => {});
    await pool.run("add", [1, 1]);
  });
  await pool.close();
  return ms;
}

await tellAndEnd(async () => {
  const measured: Record<string, number> = {};
  for (const [what, measure] of Object.entries({ start, replace, recover })) {
    const times = new Map<Containment, number[]>(LEVELS.map((level) => [level, []]));
    for (const level of LEVELS) await measure(level); // cold
    for (let i = 0; i < Number(timesText); i++) {
      for (const level of i % 2 === 0 ? LEVELS : LEVELS.toReversed())
        times.get(level)?.push(await measure(level));
    }
    for (const [level, values] of times) measured[`${what} ${level}`] = median(values);
  }
  return measured;
});
