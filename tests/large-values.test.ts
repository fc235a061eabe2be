/** Large values arrive, whatever keeps a process from sharing memory, and what kept it once does not keep it for good. */
import { describe, expect, it } from "vitest";
import { adapter, name } from "./support/adapter.ts";
import { programArguments, startCommand } from "./support/host.ts";

/** Under these limits of a shell. */
async function play(difficulty: string, limits = ""): Promise<{ code: number | null; said: string[] }> {
  const program = [process.execPath, ...programArguments("large-host.ts", difficulty)];
  const host = startCommand("/bin/sh", ["-c", `${limits} exec "$0" "$@"`, ...program], process.env);
  const { code, output } = await host.ended;
  return { code, said: output.split("\n").filter((line) => line.startsWith("said ")) };
}

describe.skipIf(!adapter.runtime.capabilities.sharedMemory)(
  "large values, and memory that is shared later",
  () => {
    const all = { code: 0, said: ["said right 10", "said shared 8388608"] };

    it.each(["nothing", "polluted"])("with %s in the way", async (difficulty) => {
      expect(await play(difficulty)).toEqual(all);
    });

    // Deno itself panics by it at times, in ext/signals.
    it.skipIf(name === "deno")("with no descriptors in the way", async () => {
      expect(await play("no descriptors", "ulimit -n 200;")).toEqual(all);
    });

    // Bun and Deno themselves break by it.
    it.runIf(name === "node")("with an index on every array", async () => {
      expect(await play("polluted 0")).toEqual(all);
    });

    it("where files may not be that large", async () => {
      expect(await play("nothing", "ulimit -c 0; ulimit -f 4000;")).toEqual({
        code: 0,
        said: [
          "said right 10",
          "said shared RangeError: Cannot share 8388608 bytes of memory: files may not be as large (ulimit -f)",
        ],
      });
    });
  },
);
