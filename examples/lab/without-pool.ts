/** The hosts that make zombies and orphans: programs that start processes by their runtime's own API. */
import { fileURLToPath } from "node:url";
import { runtime } from "reapool";
import { block, onOrder, say } from "./conversation.ts";
import { start, startAndWait, startOrphan } from "./own-spawn.ts";
import { countTicks } from "./ticks.ts";

const PR_SET_CHILD_SUBREAPER = 36;

/** Row 1: a worker in a busy loop, and nothing that would kill it. */
export function spinning(): void {
  const flags = "Deno" in globalThis ? ["run", "-A"] : [];
  say("worker", start(process.execPath, [...flags, fileURLToPath(new URL("./spin.ts", import.meta.url))]));
}

/** Row 2: waits for the end of a process, and does nothing else in the meantime. */
export function waiting(): void {
  const ticks = countTicks();
  setTimeout(() => {
    say("waits", 0);
    ticks.reset();
    startAndWait("sleep", ["60"]);
    ticks.tell();
  });
}

/** Rows 3 and 4: there is an exit callback, but the event loop that would call it is blocked. */
export function blocked(): void {
  say(
    "process",
    start("sleep", ["60"], () => say("collected", 0)),
  );
  block();
}

/** Row 3: a shell starts a process in the background and then becomes another program, which knows nothing of it. */
export function foreign(): void {
  say("process", start("sh", ["-c", "sleep 60 & exec sleep 61"]));
}

/** Row 6: this host adopts orphans, and reaps only what it has started itself. */
export function adopting(): void {
  const libc = process.pid === 1 ? undefined : runtime.openLibc();
  if (typeof libc === "string") {
    say("unavailable", libc);
    return;
  }
  libc?.prctl(PR_SET_CHILD_SUBREAPER, 1);
  startOrphan(() => say("orphaned", 0));
  onOrder(() => start("true", [], () => say("collected", 0)));
}
