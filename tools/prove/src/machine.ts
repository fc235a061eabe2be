/** What machine this is, as far as it matters for the numbers: no path and no host name. */
import { spawnSync } from "node:child_process";
import { realpathSync } from "node:fs";
import { availableParallelism, cpus, loadavg, release, type } from "node:os";
import { basename } from "node:path";
import { tenths } from "./numbers.ts";

export function describeMachine(): string[] {
  const [model = "unknown"] = cpus().map((cpu) => cpu.model.trim());
  return [
    `${type()} ${release()}`,
    `${availableParallelism()} CPUs (${model})`,
    `load ${tenths(loadavg()[0] ?? Number.NaN)} when it began`,
    `/bin/sh is ${describeShell()}`,
  ];
}

function describeShell(): string {
  const name = basename(realpathSync("/bin/sh"));
  const version = spawnSync("/bin/sh", ["-c", "echo $BASH_VERSION"], { encoding: "utf8" }).stdout.trim();
  return version === "" ? name : `${name} ${version}`;
}
