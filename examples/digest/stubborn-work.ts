/**
 * The workers of the doomed host: each task is a state in which a worker does not notice that its host is gone, or
 * leaves a process behind. Each reports itself with a line on stdout, and eventually ends by itself whatever happens
 * to the demo.
 */
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { writeSync } from "node:fs";
import process from "node:process";

const MOST_SECONDS = 60;

/** Never gives the event loop a turn. */
export function compute(): void {
  tellUnderWay("computing");
  hashInCircles();
}

/** The same, and ignores requests to exit. */
export function ignoreSigterm(): void {
  process.on("SIGTERM", () => {});
  tellUnderWay("ignoring SIGTERM");
  hashInCircles();
}

/** Waits for a process it has started in its own group, which knows nothing of any host. */
export async function holdGrandchild(): Promise<void> {
  const grandchild = spawn("sleep", [String(MOST_SECONDS)], { stdio: "ignore" });
  const ended = once(grandchild, "exit");
  // Without a pid it could not be started: `ended` rejects with the reason.
  if (grandchild.pid !== undefined) tellUnderWay("holding a grandchild");
  await ended;
}

function hashInCircles(): void {
  const end = performance.now() + MOST_SECONDS * 1_000;
  let hash: Uint8Array = new Uint8Array(32);
  while (performance.now() < end) hash = createHash("sha256").update(hash).digest();
}

/** Synchronous: what follows leaves a stream no time. */
function tellUnderWay(what: string): void {
  writeSync(1, `${what}\n`);
}
