/** The guard's real script, told of cgroups by its input and by its table. */
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { GUARD_SCRIPT } from "../../src/reaping/guard-script.ts";
import { isRunning, realCgroup } from "../support/real-cgroup.ts";

const SHELLS: readonly (readonly [string, ...string[]])[] = [
  ["/bin/sh"],
  ["bash", "--norc", "--posix"],
  ["busybox", "sh"],
];

/** Nobody on this machine has it. */
const MARK = `REAPOOL_none${process.pid}`;

describe.each(SHELLS.map((shell) => [shell.join(" "), shell] as const))("in %s", (name, [file, ...args]) => {
  /** A host that says this and then ends. */
  const guard = (table: string, input: string) => {
    const folder = mkdtempSync(join(tmpdir(), "guard-cgroups-"));
    writeFileSync(join(folder, "groups"), table);
    const command = [...args, "-c", GUARD_SCRIPT, "reapool-guard", folder, MARK];
    const { stdout } = spawnSync(file, command, {
      input,
      encoding: "utf8",
      stdio: ["pipe", "pipe", "ignore"],
    });
    return { stdout, folder };
  };
  const inShell = (title: string, body: (made: NonNullable<ReturnType<typeof realCgroup>>) => void) =>
    test(title, ({ skip }) => {
      if (spawnSync(file, [...args, "-c", ":"]).status !== 0) return skip(`${name} is not installed`);
      const made = realCgroup("1", "2");
      if (made === undefined) return skip("no cgroup can be made here");
      try {
        body(made);
      } finally {
        guard(`cgroups ${made.folder}\n`, "");
      }
    });

  inShell("ends the one it is asked to, answers, and leaves the others", ({ folder, inside }) => {
    const { stdout } = guard("", `CGROUP 5 ${folder}/1\nCGROUP 6 ${folder}/nowhere\n`);
    expect(stdout).toBe("5\n6\n");
    expect([existsSync(`${folder}/1`), existsSync(`${folder}/2`)]).toEqual([false, true]);
    expect(inside.map(isRunning)).toEqual([false, false, true, true]);
  });

  inShell("ends all in the folders of its table when the host ends", ({ folder, inside }) => {
    const line = `cgroups ${folder}`.padEnd(95);
    const { stdout, folder: own } = guard(`${" ".repeat(31)}\n${line}\n`, "");
    expect(stdout).toBe("");
    expect(inside.filter(isRunning)).toEqual([]);
    expect([existsSync(folder), existsSync(own)]).toEqual([false, false]);
  });
});
