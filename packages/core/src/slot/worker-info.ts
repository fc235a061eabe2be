/** Reads what the pool reveals about one worker. */
import type { Runtime } from "../port/runtime.ts";
import type { WorkerInfo, WorkerState, WorkerStats } from "../port/worker-info.ts";
import { type Files, readUsage } from "../reaping/process-table.ts";
import type { Phase } from "./machine.ts";

function stateOf(phase: Phase, running: number): WorkerState {
  switch (phase) {
    case "starting":
      return "starting";
    case "warming":
    case "ready":
    case "retiring":
      return running > 0 ? "busy" : "idle";
    case "dead":
      return "gone";
    default:
      return "stopping";
  }
}

export function infoOf(
  worker: Omit<WorkerInfo, "state" | "uptime" | "running"> & {
    readonly occupied: number;
    readonly startedAt: number;
  },
  phase: Phase,
  runtime: Pick<Runtime, "now">,
): WorkerInfo {
  const { id, pid, finished, occupied, startedAt } = worker;
  return {
    id,
    pid,
    state: stateOf(phase, occupied),
    uptime: Math.round(runtime.now() - startedAt),
    running: occupied,
    finished,
  };
}

export function withUsage(info: WorkerInfo, files: Files): WorkerStats {
  const usage = info.pid === undefined ? undefined : readUsage(files, info.pid);
  return { ...info, memory: usage?.memory, cpu: usage?.cpu };
}
