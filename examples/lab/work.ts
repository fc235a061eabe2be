/** What the lab's workers run. Knows nothing of pools or of being killed. */
import { execFileSync } from "node:child_process";
import { writeSync } from "node:fs";

/** A line written before the loop: only a reader that has seen it knows that the loop runs. */
export const SPINS = "spins";

/** A forgotten lab must not burn a processor for ever: it ends by itself. In ms. */
const LONGEST_MS = 60_000;

/** A daemon: in a session of its own, and nobody's child once this shell has ended. Returns its pid. */
export function startDaemon(): number {
  return Number(execFileSync("sh", ["-c", "setsid sleep 60 >/dev/null 2>&1 & echo $!"]));
}

/** A busy loop: no signal that can be caught, no closed socket and no timer reaches this process any more. */
export function spin(): void {
  writeSync(1, `${SPINS}\n`);
  const end = Date.now() + LONGEST_MS;
  while (Date.now() < end);
}
