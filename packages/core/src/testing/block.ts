/** Blocks the event loop of this process: as a computation would, but without taking time from what else runs here. */

const SHORT_MS = 5;
const nobodyWakes = new Int32Array(new SharedArrayBuffer(4));

/** Short ones compute: they are measured in less than what a wait is late by. */
export function block(ms: number): void {
  const end = performance.now() + ms;
  for (let left = ms; left > 0; left = end - performance.now()) {
    if (left > SHORT_MS) Atomics.wait(nobodyWakes, 0, 0, left - 1);
  }
}
