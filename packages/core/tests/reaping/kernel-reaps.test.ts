/** The command with SIGCHLD ignored, run for real: what reaches the program, and what it inherits. */
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { withKernelReaping } from "../../src/reaping/kernel-reaps.ts";
import { canSeeProcesses } from "../support/real-processes.ts";

/** Says its name and its arguments, each with a NUL behind it. */
const PRINT = ["-c", 'printf "%s\\0" "$0" "$@"'];
const ARGUMENTS = [
  "plain",
  "",
  "two words",
  "  blanks  ",
  `"double" and 'single'`,
  "$HOME `id` $(id)",
  "back\\slash",
  "*",
  "-n",
  "--",
  "a=b",
  "; exit 1",
  "line\nbreak",
  "größe ✓",
];

const folders: string[] = [];

afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

/** A PATH with everything that is on this one, less some programs. */
function pathWithout(...names: string[]): string {
  const folder = mkdtempSync(join(tmpdir(), "kernel-reaps-"));
  folders.push(folder);
  for (const source of (process.env.PATH ?? "").split(":").filter(existsSync)) {
    for (const name of readdirSync(source)) {
      if (names.includes(name) || existsSync(join(folder, name))) continue;
      try {
        symlinkSync(join(source, name), join(folder, name));
      } catch {
        // a link to nowhere of the same name
      }
    }
  }
  return folder;
}

function run(file: string, args: readonly string[], PATH = process.env.PATH) {
  const command = withKernelReaping({ file, args });
  const env = { ...process.env, PATH };
  return spawnSync(command.file, command.args, {
    encoding: "utf8",
    env,
    timeout: 30_000,
    killSignal: "SIGKILL",
  });
}

const hasBash = spawnSync("bash", ["-c", ":"]).status === 0;
const canEnv = spawnSync("env", ["--ignore-signal=CHLD", "true"]).status === 0;

const WAYS: [string, boolean, () => string | undefined][] = [
  ["bash", hasBash, () => process.env.PATH],
  ["env, where there is no bash", canEnv, () => pathWithout("bash")],
];

describe.each(WAYS)("by %s", (way, isThere, path) => {
  const byWay = (title: string, body: () => void) =>
    test(title, ({ skip }) => {
      if (!isThere) skip(`${way} can't do it on this machine`);
      body();
    });

  byWay("arguments reach the program as they are", () => {
    const { stdout, status } = run("/bin/sh", [...PRINT, "name", ...ARGUMENTS], path());
    expect(stdout.split("\0")).toEqual(["name", ...ARGUMENTS, ""]);
    expect(status).toBe(0);
  });

  byWay("a program without arguments is run, and found on the PATH", () => {
    expect(run("true", [], path())).toMatchObject({ status: 0, stdout: "", stderr: "" });
  });

  byWay("the program takes the place of the shells: its exit is theirs", () => {
    expect(run("/bin/sh", ["-c", "exit 7"], path()).status).toBe(7);
    expect(run("/bin/sh", ["-c", "kill -KILL $$"], path()).signal).toBe("SIGKILL");
  });

  byWay("a program that does not exist is an exit with 127", () => {
    expect(run("no-such-program", [], path()).status).toBe(127);
  });

  test.skipIf(!canSeeProcesses)("SIGCHLD is ignored in the program, and by default it is not", ({ skip }) => {
    if (!isThere) skip(`${way} can't do it on this machine`);
    // The program itself, and not a shell: some shells set a handler of their own.
    const read = ["-E", "^SigIgn", "/proc/self/status"];
    const ignored = (text: string) => (BigInt(`0x${text.split(":")[1]?.trim()}`) >> 16n) & 1n;
    expect(ignored(run("grep", read, path()).stdout)).toBe(1n);
    expect(ignored(spawnSync("grep", read, { encoding: "utf8" }).stdout)).toBe(0n);
  });
});
