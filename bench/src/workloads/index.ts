/** All workloads, in the order in which they run and are reported. */
import { busyTasks } from "./busy-tasks.ts";
import { calls, callsWithPauses } from "./calls.ts";
import { coldStart } from "./cold-start.ts";
import { kill } from "./kill.ts";
import { manyWorkers } from "./many-workers.ts";
import { memory } from "./memory.ts";
import { mixed } from "./mixed.ts";
import { noOpInFlight } from "./no-op-in-flight.ts";
import { noOpSequential } from "./no-op-sequential.ts";
import { payloads } from "./payload.ts";
import { probe } from "./probe.ts";
import { queued } from "./queued.ts";
import { sharedMemory } from "./shared-memory.ts";
import type { Workload } from "./workload.ts";

export const WORKLOADS: readonly Workload[] = [
  noOpSequential,
  noOpInFlight,
  calls,
  callsWithPauses,
  ...payloads,
  busyTasks,
  mixed,
  queued,
  coldStart,
  kill,
  manyWorkers,
  memory,
  sharedMemory,
];

/** Comes before all others. */
export const PROBE: Workload = probe;

export function findWorkload(name: string): Workload {
  const workload = [PROBE, ...WORKLOADS].find((candidate) => candidate.name === name);
  if (workload === undefined) throw new Error(`Expected one of the workloads, received ${name}`);
  return workload;
}
