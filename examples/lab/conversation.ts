/**
 * A host's end of its conversation with the lab: one line of JSON on stdout for each thing it has done, orders on
 * stdin. Also owns how a host blocks its own event loop until the lab releases it.
 */
import { existsSync, writeSync } from "node:fs";
import process from "node:process";

/** The file whose appearance ends a `block`: a host that is blocked reads no orders. */
export const RELEASE_VARIABLE = "LAB_RELEASE";

/** Written synchronously, so that it arrives even if this process never turns its event loop again. */
export function say(what: string, value: number | string): void {
  writeSync(1, `${JSON.stringify({ what, value })}\n`);
}

/** Keeps this process alive, and ends it with the lab. */
export function stay(): void {
  process.stdin.resume();
  process.stdin.on("end", () => process.exit());
}

export function onOrder(callback: () => void): void {
  process.stdin.on("data", callback);
}

/** A host must not block for ever because the lab was killed. In ms. */
const LONGEST_MS = 60_000;

/** Blocks the event loop: a synchronous loop, as long as the lab wants it. */
export function block(): void {
  const released = process.env[RELEASE_VARIABLE] ?? "";
  const cell = new Int32Array(new SharedArrayBuffer(4));
  const end = Date.now() + LONGEST_MS;
  while (!existsSync(released) && Date.now() < end) Atomics.wait(cell, 0, 0, 5);
}
