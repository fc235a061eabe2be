/** What cleans up temporary folders must cost a host that lives for long nothing. */
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { programArguments, startProgram } from "./support/host.ts";
import { assertNoLeftovers } from "./support/leftovers.ts";

let place = "";
beforeEach(() => {
  place = join(mkdtempSync(join(tmpdir(), "cleaned-")), "tmp");
  mkdirSync(place);
});
afterEach(() => rmSync(join(place, ".."), { recursive: true, force: true }));

const start = (...scenario: string[]) =>
  startProgram(programArguments("cleaned-host.ts", ...scenario), { ...process.env, TMPDIR: place });

const WAYS = ["folder", "file", "socket", "groups", "moved", "place"];

describe("a host", () => {
  it.each(WAYS)("whose folder is cleaned up (%s) keeps its worker and gets another", async (way) => {
    const { output } = await start(way).ended;
    expect(output).toContain("said kept true");
    expect(output).toContain("said working 2");
    expect(output).toContain("said told true");
    expect(output).toContain("said left 0");
  });

  it.each(["0", "10", "60"])("loses no start to a cleaner that comes %s ms after it", async (ms) => {
    const { output } = await start("folder", "starting", ms).ended;
    expect(output).toContain("said working 2");
    expect(output).toContain("said told true");
  });

  it.each(["folder", "file", "moved", "place"])(
    "loses no start when what is made anew is cleaned up at once (%s)",
    async (way) => {
      const { output } = await start(way, "again").ended;
      expect(output).toContain("said kept true");
      expect(output).toContain("said working 2");
      expect(output).toContain("said left 0");
    },
  );

  it.each(["folder", "groups", "place"])(
    "whose table (%s), guard and life are taken leaves no worker behind",
    async (way) => {
      const { output, signal } = await start(way, "unguarded").ended;
      expect(output).toContain("said working 2");
      expect(signal).toBe("SIGKILL");
      await assertNoLeftovers();
    },
  );
});
