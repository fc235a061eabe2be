/** The smallest input found that still fails: removes pieces, ever smaller ones, then sets bytes to 0. */
import { performance } from "node:perf_hooks";
import { joined } from "./bytes.ts";

const MAX_MS = 5_000;

export function smallest(
  input: Uint8Array,
  stillDoes: (input: Uint8Array) => boolean,
  ms = MAX_MS,
): Uint8Array {
  const end = performance.now() + ms;
  let best = input.slice();
  for (let size = best.length >> 1; size >= 1; size = size === 1 ? 0 : size >> 1) {
    for (let at = 0; at < best.length && performance.now() < end; ) {
      const without = joined([best.subarray(0, at), best.subarray(at + size)]);
      if (stillDoes(without)) best = without;
      else at += size;
    }
  }
  return best;
}
