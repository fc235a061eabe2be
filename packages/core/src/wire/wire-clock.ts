/** The clock of what reads and writes values, in host and worker: milliseconds from any fixed origin. */

/** Until it is set, no time passes. */
let clock: () => number = () => 0;

export function installClock(read: () => number): void {
  clock = read;
}

export function now(): number {
  return clock();
}
