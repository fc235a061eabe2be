/** The memory of idle workers: their own processes, and the host's share for them. */
import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { median, pause } from "@reapool/measuring/numbers";
import { collectGarbage } from "../collect-garbage.ts";
import { listWorkers, residentMemoryOf } from "../processes.ts";
import type { Workload } from "./workload.ts";

const COUNT = 8;
const QUICK_COUNT = 4;
/** Time until a process has finished its start-up work. */
const SETTLE_MS = 400;
const MIB = 2 ** 20;

const IDLE = fileURLToPath(new URL("../work/idle.js", import.meta.url));

export const memory: Workload = {
  name: "memory",
  about: `${COUNT} idle workers (quick: ${QUICK_COUNT}): resident memory of one of them, beside a process of the same runtime that does nothing, and by how much the host grows for each beyond the first (with threads, the worker's own is in it).`,
  metrics: () => [
    { key: "worker", label: "idle worker, resident", unit: "MiB", better: "lower" },
    { key: "bare", label: "bare process, resident", unit: "MiB", better: "neither" },
    { key: "times", label: "idle worker against a bare process", unit: "×", better: "neither" },
    { key: "host", label: "host, for each idle worker", unit: "MiB", better: "lower" },
  ],
  async measure(contender, { quick }) {
    const count = quick ? QUICK_COUNT : COUNT;
    const first = await contender.open({ workers: 1, values: "json" });
    const bare = await measureBare();
    collectGarbage();
    const before = process.memoryUsage.rss();
    const earlier = new Set(listWorkers());
    const pool = await contender.open({ workers: count, values: "json" });
    await pause(SETTLE_MS);
    const workers = listWorkers().filter((pid) => !earlier.has(pid));
    collectGarbage();
    const resident = median(workers.map(residentMemoryOf));
    const host = (process.memoryUsage.rss() - before) / count;
    const figures = { bare: bare / MIB, host: host / MIB };
    await Promise.all([first.close(), pool.close()]);
    if (workers.length === 0) return { ...figures, worker: { skipped: "its workers are no processes" } };
    return { ...figures, worker: resident / MIB, times: resident / bare };
  },
};

async function measureBare(): Promise<number> {
  const flags = "Deno" in globalThis ? ["run", "-A"] : [];
  const { pid } = spawn(process.execPath, [...flags, IDLE], { stdio: "ignore" });
  if (pid === undefined) throw new Error("Cannot start a bare process");
  await pause(SETTLE_MS);
  const resident = residentMemoryOf(pid);
  process.kill(pid, "SIGKILL");
  return resident;
}
