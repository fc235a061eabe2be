/** A Deno worker may do what its host may, asked kind by kind, and never more. */
import { tmpdir } from "node:os";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { name } from "./support/adapter.ts";
import { startProgram } from "./support/host.ts";

const host = fileURLToPath(new URL("./fixtures/permissions-host.ts", import.meta.url));
const repository = fileURLToPath(new URL("../", import.meta.url));

/** What the host itself can't do without: start workers and talk to them. */
const NEEDED = [
  "--allow-run",
  "--allow-net",
  `--allow-write=${tmpdir()}`,
  `--allow-read=${repository},${tmpdir()}`,
];

async function permissions(flags: string[], workerFlags: string[] = []): Promise<Record<string, string>> {
  const { code, output } = await startProgram(["run", "--no-prompt", ...flags, host, ...workerFlags]).ended;
  if (code !== 0) throw new Error(output);
  return JSON.parse(output) as Record<string, string>;
}

describe.runIf(name === "deno")("a Deno worker", () => {
  it("has everything when its host has", async () => {
    const { read, write, net, env, run, sys, ffi } = await permissions(["-A"]);
    expect({ read, write, net, env, run, sys, ffi }).toEqual({
      read: "granted",
      write: "granted",
      net: "granted",
      env: "granted",
      run: "granted",
      sys: "granted",
      ffi: "granted",
    });
  });

  it("has the kinds its host has whole, and of the others only its socket and module", async () => {
    const { read, write, net, env, run, sys, ffi, etc, module } = await permissions(NEEDED);
    expect({ read, write, env, sys, ffi, etc }).toEqual({
      read: "prompt",
      write: "prompt",
      env: "prompt",
      sys: "prompt",
      ffi: "prompt",
      etc: "prompt",
    });
    expect({ net, run, module }).toEqual({ net: "granted", run: "granted", module: "granted" });
  });

  it("has nothing of a kind that is denied to its host in part", async () => {
    const { read, env } = await permissions(["-A", "--deny-env=SECRET", "--deny-read=/etc"]);
    expect({ read, env }).toEqual({ read: "prompt", env: "prompt" });
  });

  it("imports from Deno's default hosts only where its host does", async () => {
    expect((await permissions(NEEDED)).code).toBe("granted");
    expect((await permissions([...NEEDED, "--allow-import=example.invalid"])).code).toBe("prompt");
    expect((await permissions(["-A"])).code).toBe("granted");
  });

  it("has what worker.execArgv says, where that speaks of permissions", async () => {
    const { read, ffi } = await permissions(
      ["-A"],
      ["--allow-read", "--allow-write", "--allow-net", "--allow-env"],
    );
    expect({ read, ffi }).toEqual({ read: "granted", ffi: "prompt" });
  });
});
