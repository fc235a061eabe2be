/** Cgroups of the kernel's own, with processes in them; where this machine lets them be made. */
import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** In each of the groups two processes, each in a session of its own. The test ends them. */
const TWO = 'echo 0 > "$1/cgroup.procs"; for n in 1 2; do setsid sleep 60 <&- >&- 2>&- & done';

let made = 0;

/** @param groups Paths below the new folder, parents first; `""` is that itself. Undefined where none can be made. */
export function realCgroup(
  ...groups: readonly string[]
): { readonly folder: string; readonly inside: readonly string[] } | undefined {
  try {
    const mount = /^\S+ \S+ \S+ \S+ (\S+) .* - cgroup2 /m.exec(
      readFileSync("/proc/self/mountinfo", "utf8"),
    )?.[1];
    const own = /^0::(.*)$/m.exec(readFileSync("/proc/self/cgroup", "utf8"))?.[1];
    const folder = join(`${mount}${own}`, `test-${process.pid}-${++made}`);
    mkdirSync(folder);
    const inside: string[] = [];
    for (const group of groups) {
      const path = join(folder, group);
      mkdirSync(path, { recursive: true });
      spawnSync("/bin/sh", ["-c", TWO, "sh", path]);
      inside.push(...readFileSync(join(path, "cgroup.procs"), "utf8").trim().split("\n"));
    }
    return { folder, inside };
  } catch {
    return undefined;
  }
}

/** A zombie does not. */
export function isRunning(pid: string): boolean {
  try {
    return !/\) Z/.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
  } catch {
    return false;
  }
}
