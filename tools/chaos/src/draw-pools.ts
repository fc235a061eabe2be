/**
 * Draws pools, and what happens to them, to their workers and to the host: how likely each is. draw.ts draws the
 * calls.
 */

import type { Random } from "@reapool/measuring/random";
import type { FaultStep, Mode, PoolSpec, PoolStep } from "./program.ts";

/** The first pool has no number. */
type PoolOf = { readonly pool?: number };

/** @param isKept Many programs are played on it, so its workers stay. */
export function drawPool(random: Random, mode: Mode, isKept: boolean): PoolSpec {
  const maxWorkers = random.weighted([
    [5, 1],
    [4, 2],
    [1, 3],
  ]);
  const isFaulty = mode === "faults";
  return {
    maxWorkers,
    ...random.maybe(0.25, () => ({ minWorkers: random.integer(1, maxWorkers) })),
    ...random.maybe(0.4, () => ({ concurrentTasksPerWorker: random.integer(1, 3) })),
    ...random.maybe(0.5, () => ({ prefetch: random.pick([0, 1, 3, 8]) })),
    ...random.maybe(maxWorkers > 1 ? 0.1 : 0, () => ({ spares: 1 })),
    ...random.maybe(0.12, () => ({ maxQueue: random.pick([0, 1, 3, 10]) })),
    ...random.maybe(0.04, () => ({ queueTimeout: random.pick([5, 60]) })),
    ...random.maybe(0.04, () => ({ timeout: random.pick([3, 20, 100]) })),
    ...random.maybe(isKept ? 0 : 0.12, () => ({ idleTimeout: random.pick([0, 5, 30]) })),
    ...random.maybe(isFaulty ? 0.3 : 0.05, () => ({
      hangTimeout: isFaulty ? random.pick([200, 500]) : 5_000,
    })),
    ...(isFaulty
      ? { killTimeout: random.pick([30, 200]) }
      : random.maybe(0.2, () => ({ killTimeout: random.pick([50, 300]) }))),
    ...random.maybe(0.15, () => ({ recycle: { tasks: isKept ? 200 : random.pick([1, 2, 5, 30, 30]) } })),
    ...random.maybe(isFaulty ? 0.04 : 0, () => ({ memoryLimit: 250 })),
  };
}

export function drawPoolStep(random: Random, pool: PoolOf): PoolStep {
  return random.weighted<() => PoolStep>([
    [5, () => ({ do: "resize", ...pool, to: random.integer(1, 3) })],
    [2, () => ({ do: "restart", ...pool })],
    [3, () => ({ do: "ready", ...pool })],
    [1, () => ({ do: "close", ...pool, ...random.maybe(0.4, () => ({ timeout: random.pick([10, 100]) })) })],
    [0.5, () => ({ do: "terminate", ...pool })],
  ])();
}

export function drawFault(random: Random, pool: PoolOf): FaultStep {
  const worker = random.integer(0, 2);
  return random.weighted<() => FaultStep>([
    [10, () => ({ do: "kill", ...pool, worker, signal: random.pick(["SIGKILL", "SIGKILL", "SIGSEGV"]) })],
    [4, () => ({ do: "stop worker", ...pool, worker, ms: random.pick([5, 40, 150]) })],
    [1, () => ({ do: "kill guard" })],
    [2, () => ({ do: "stop host", ms: random.pick([30, 150]) })],
    [3, () => ({ do: "block host", ms: random.pick([50, 150, 300]) })],
    [0.7, () => ({ do: "take descriptors", ms: random.pick([10, 60]) })],
    [0.5, () => ({ do: "fill temporary folder", ms: random.pick([10, 60]) })],
    [0.2, () => ({ do: "remove socket folder" })],
  ])();
}
