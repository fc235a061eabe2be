/** What a host has inherited, its workers and its guard don't get: another program's pipe would never end. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readlinkSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { name } from "./support/adapter.ts";
import { programArguments, startCommand } from "./support/host.ts";
import { canSeeProcesses } from "./support/leftovers.ts";

const host = fileURLToPath(new URL("./fixtures/descriptors-host.ts", import.meta.url));
const repository = fileURLToPath(new URL("../", import.meta.url));
const hasBash = spawnSync("bash", ["-c", ":"]).status === 0;

const PARTLY = ["--allow-run", "--allow-net", `--allow-write=${tmpdir()}`];
const commandLines: [string, readonly string[]][] = [["", programArguments("descriptors-host.ts")]];
if (name === "deno") {
  const read = `--allow-read=${repository},${tmpdir()}`;
  commandLines.push([", without libc", ["run", "--no-prompt", ...PARTLY, read, host]]);
}

/** The files and pipes that a process has open beyond its three streams, of those that the host inherited. */
function inheritedBy(pid: string, folder: string): string[] {
  return readdirSync(`/proc/${pid}/fd`).flatMap((descriptor) => {
    const target = readlinkSync(`/proc/${pid}/fd/${descriptor}`);
    return target.startsWith(folder) && !target.includes("reapool-") ? [`${descriptor} ${target}`] : [];
  });
}

function startedBy(pid: string | number): string[] {
  return spawnSync("pgrep", ["-P", String(pid)], { encoding: "utf8" })
    .stdout.split("\n")
    .filter(Boolean);
}

it.skipIf(!canSeeProcesses || !hasBash).each(commandLines)("none of them%s", async (_, args) => {
  const folder = mkdtempSync(join(tmpdir(), "inherited-"));
  try {
    const script = 'cd "$1"; shift; exec 3>a 7>b 9>c 12>d 25>e 300>f; exec "$@"';
    const command = ["-c", script, "sh", folder, process.execPath, ...args];
    const started = startCommand("bash", command, process.env);
    const worker = await started.said("worker ");
    const pid = started.process.pid as number;
    expect(inheritedBy(String(pid), folder)).toHaveLength(6); // the host has them
    const all = startedBy(pid);
    expect(all).toContain(worker);
    expect(all.length).toBe(2); // the guard is the other
    for (const process of all) expect(inheritedBy(process, folder)).toEqual([]);
    started.process.kill("SIGKILL");
    await started.ended;
  } finally {
    rmSync(folder, { recursive: true });
  }
});
