import { spawnSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { CGROUP_FAILURE, END_CGROUP_SCRIPT, enterCgroup } from "../../src/containment/cgroup-script.ts";
import { controllersFor, type Limits, settingsFor } from "../../src/containment/limits.ts";
import { isRunning, realCgroup } from "../support/real-cgroup.ts";

const NONE: Limits = {
  memory: Number.POSITIVE_INFINITY,
  processes: Number.POSITIVE_INFINITY,
  cpus: Number.POSITIVE_INFINITY,
};

/** A plain folder in the place of the kernel's: what is written there can be read. */
let base: string;
beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), "it's a "));
});
afterEach(() => rmSync(base, { recursive: true }));

function enter(limits: Limits, program = ["sh", "-c", 'printf "%s|" "$0" "$@"', "a b", "$c", ""]) {
  const { file, args } = enterCgroup(program, {
    parent: `${base}/reapool-x`,
    name: "7",
    controllers: controllersFor(limits),
    settings: settingsFor(limits),
    mkdir: "mkdir",
  });
  expect(file).toBe("/bin/sh");
  return spawnSync(file, args, { encoding: "utf8" });
}

const written = (file: string) => readFileSync(join(base, file), "utf8");

describe("a worker that enters its cgroup", () => {
  test("without limits makes and enters it, and becomes its program", () => {
    expect(enter(NONE)).toMatchObject({ status: 0, stdout: "a b|$c||", stderr: "" });
    expect(readdirSync(join(base, "reapool-x/7"))).toEqual(["cgroup.procs"]);
    expect(written("reapool-x/7/cgroup.procs")).toBe("0\n");
    expect(existsSync(join(base, "cgroup.subtree_control"))).toBe(false);
  });

  test("with limits enables their controllers down to it and writes them first", () => {
    expect(enter({ memory: 512 * 2 ** 20, processes: 64, cpus: 1.5 })).toMatchObject({
      status: 0,
      stderr: "",
    });
    expect(written("cgroup.subtree_control")).toBe("+memory +pids +cpu\n");
    expect(written("reapool-x/cgroup.subtree_control")).toBe("+memory +pids +cpu\n");
    expect(written("reapool-x/7/memory.max")).toBe("536870912\n");
    expect(written("reapool-x/7/pids.max")).toBe("64\n");
    expect(written("reapool-x/7/cpu.max")).toBe("150000 100000\n");
    // A kernel without swap, or before 4.19, does not have these.
    expect(readdirSync(join(base, "reapool-x/7")).sort()).toEqual([
      "cgroup.procs",
      "cpu.max",
      "memory.max",
      "pids.max",
    ]);
  });

  test("that can't runs nothing, exits with 126 and says why", () => {
    mkdirSync(join(base, "reapool-x/7"), { recursive: true });
    const { status, stdout, stderr } = enter(NONE);
    expect([status, stdout]).toEqual([126, ""]);
    expect(stderr).toMatch(/File exists/);
    expect(stderr).toContain(CGROUP_FAILURE);
  });

  test("has no limit set that was not asked for", () => {
    expect(settingsFor(NONE)).toEqual([]);
    expect(controllersFor(NONE)).toEqual([]);
    expect(settingsFor({ ...NONE, cpus: 0.01 })).toEqual([{ file: "cpu.max", value: "1000 100000" }]);
    expect(settingsFor({ ...NONE, memory: 1 }).map(({ file, value }) => `${file} ${value}`)).toEqual([
      "memory.max 1",
      "memory.swap.max 0",
      "memory.oom.group 1",
    ]);
  });
});

describe("the end of a cgroup", () => {
  test.for([
    ["by cgroup.kill", END_CGROUP_SCRIPT],
    ["on a kernel that has none: each process", END_CGROUP_SCRIPT.replaceAll("cgroup.kill", "cgroup.none")],
  ])(
    "%s: all in it and below it is gone, and the folders too; what is outside is not",
    ([_name, script], { skip }) => {
      const made = realCgroup("", "a", "a/b", "c");
      if (made === undefined) return skip("no cgroup can be made here");
      const { folder, inside } = made;
      expect(inside).toHaveLength(8);
      const { stdout } = spawnSync(
        "/bin/sh",
        ["-c", `set -f\n${script}\nend_cgroup "$1"; echo $?`, "sh", folder],
        { encoding: "utf8" },
      );
      expect(stdout).toMatch(/^\d\n$/);
      expect(existsSync(folder)).toBe(false);
      expect(inside.filter(isRunning)).toEqual([]);
    },
  );

  test("that is no cgroup, or is gone, is left as it is", () => {
    writeFileSync(join(base, "mine"), "");
    const end = (folder: string) =>
      spawnSync("/bin/sh", ["-c", `${END_CGROUP_SCRIPT}\nend_cgroup "$1"`, "sh", folder]).stderr.length;
    expect(end(base)).toBe(0);
    expect(end(join(base, "nowhere"))).toBe(0);
    expect(readdirSync(base)).toEqual(["mine"]);
  });
});
