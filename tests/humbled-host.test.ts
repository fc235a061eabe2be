/** A host that gives up root after its workers have started may not signal them any more: the guard does, and the host says so. */
import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, vi } from "vitest";
import { programArguments, startProgram } from "./support/host.ts";

const isRoot = process.getuid?.() === 0;

it.skipIf(!isRoot).each([
  ["idle", "terminate"],
  ["busy", "terminate"],
  ["idle", "close"],
  ["busy", "close"],
  ["busy", "timeout"],
])(
  "with a worker that is %s, after %s none is left, and an error event has told of it",
  async (state, manner) => {
    const temporary = mkdtempSync(join(tmpdir(), "host-"));
    try {
      const env = { ...process.env, TMPDIR: temporary };
      const host = startProgram(programArguments("humbled-host.ts", state, manner), env);
      const pid = await host.said("pid ");
      expect(await host.said("user ")).toBe("65534");
      expect(await host.said("alive ")).toBe("false");
      const errors = JSON.parse(await host.said("errors ")) as unknown[];
      // An idle worker leaves when it is asked to; its group is still looked at.
      if (state === "busy") {
        expect(errors).toEqual([["EPERM", "a signal to a worker"]]);
      }
      await host.said("end ");
      expect((await host.ended).code).toBe(0);
      expect(existsSync(`/proc/${pid}`)).toBe(false);
      // The guard removes the folder. It may not be killed, and the host waits for it no longer than half a second.
      await vi.waitUntil(() => readdirSync(temporary).length === 0, { timeout: 30_000 });
    } finally {
      rmSync(temporary, { recursive: true });
    }
  },
);
