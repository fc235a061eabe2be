/** Draws what is done to a pool, to its workers and to the host: how likely each is. What calls do is draw.ts. */
import type { FaultStep, PoolStep } from "./program.ts";
import type { Random } from "./random.ts";

/** The first pool has no number. */
type PoolOf = { readonly pool?: number };

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
