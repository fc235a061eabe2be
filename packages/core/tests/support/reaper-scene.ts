/** A reaper on a kernel in memory and a fake clock. */
import type { Command, Runtime } from "../../src/port/runtime.ts";
import { Reaper } from "../../src/reaping/reaper.ts";
import { FakeKernel } from "./fake-kernel.ts";
import { FakeRuntime } from "./fake-runtime.ts";

export const PR_SET_CHILD_SUBREAPER = 36;
/** Somebody else's session. */
export const FOREIGN = 4_321;
/** G5. */
export const A_SECOND = 1_000;

/** What a shell says that lists /proc: before its end is told or after it. */
export type Listing = "before" | "after" | "without /proc";

export function setUp({
  pid = 1000,
  isProcReadable = true,
  listing = "before",
}: {
  pid?: number;
  isProcReadable?: boolean;
  listing?: Listing;
} = {}) {
  const runtime = new FakeRuntime({}, { pid });
  const kernel = new FakeKernel(runtime, { isProcReadable });
  const commands: Command[] = [];
  const spawn: Runtime["spawn"] = (command, events) => {
    commands.push(command);
    if (command.stdout !== "pipe") return kernel.start(command, events);
    const list = () => {
      const numbers = listing === "without /proc" ? ["[0-9]*"] : numbersOf(kernel);
      const bytes = new TextEncoder().encode(`${numbers.join(" ")}\n`);
      // In pieces, as they come through a pipe.
      for (const piece of [bytes.slice(0, 7), bytes.slice(7)]) events.onOutput("stdout", piece);
      events.onOutputEnd("stdout");
    };
    return kernel.start(command, {
      ...events,
      onExit: (exit) => {
        const isListed = exit.error === undefined;
        if (isListed && listing !== "after") list();
        events.onExit(exit);
        if (isListed && listing === "after") list();
      },
    });
  };
  const reaper = new Reaper({ runtime, spawn, own: kernel.own }, kernel);
  return { runtime, clock: runtime.clock, kernel, reaper, own: kernel.own, commands };
}

/** Of every process, dead or alive; and some that are nobody's. */
function numbersOf(kernel: FakeKernel): number[] {
  const numbers = Array.from({ length: 1_000 }, (_, n) => 2_000 + n);
  return [1, 20, ...numbers.filter((pid) => kernel.getsid(pid) !== -1)];
}
