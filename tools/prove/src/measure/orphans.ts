/**
 * Orphans among processes of the host's own: each orphan must be reaped, and no exit code of the others lost. Once as
 * a subreaper, once as PID 1 of a namespace, with `orphans: "ignore"` there as the control.
 */
import { spawnSync } from "node:child_process";
import type { Runtime } from "@reapool/measuring/runtimes";
import { Host } from "../host.ts";
import type { OrphansOutcome } from "../hosts/messages.ts";
import { childrenFinder } from "../processes.ts";
import { longest, type Zombie, ZombieWatch } from "../zombie-watch.ts";

interface OrphansResult extends OrphansOutcome {
  /** Orphans seen as the host's own, alive or dead. */
  readonly adopted: number;
  readonly longestZombie: Zombie | undefined;
  /** Dead orphans that are still there when all should be gone. */
  readonly left: number;
}

export type OrphansMeasured =
  | { readonly status: "measured"; readonly result: OrphansResult }
  | { readonly status: "skipped"; readonly reason: string };

/** The program that the hosts' orphans run; workers, guard and own processes do not. */
const ORPHAN = "sleep";

export async function measureAdopted(runtime: Runtime, count: number): Promise<OrphansMeasured> {
  const host = new Host(runtime, "orphans", { args: [String(count), "adopt"] });
  return measure(host, () => host.pid);
}

/** In a PID namespace, with the host as its first process. */
export async function measureAsPidOne(
  runtime: Runtime,
  count: number,
  orphans: "auto" | "ignore",
): Promise<OrphansMeasured> {
  const prefix = findUnshare();
  if (typeof prefix === "string") return { status: "skipped", reason: prefix };
  const host = new Host(runtime, "orphans", { args: [String(count), orphans], prefix });
  // `unshare` waits outside for the one process it has started.
  return measure(host, () => childrenFinder()(host.pid)[0]?.pid ?? host.pid);
}

async function measure(host: Host, findPid: () => number): Promise<OrphansMeasured> {
  try {
    const start = await host.message("ready", "unsupported");
    if (start.type === "unsupported") return { status: "skipped", reason: start.reason };
    const pid = findPid();
    const watch = new ZombieWatch(pid);
    host.tell("go");
    const { type: _, ...outcome } = await host.message("orphans");
    const { names, zombies } = await watch.stop();
    const left = childrenFinder()(pid).filter(({ name }) => name === ORPHAN);
    host.tell("close");
    await host.message("closed");
    const result = {
      ...outcome,
      adopted: names.filter((name) => name === ORPHAN).length,
      longestZombie: longest(zombies.filter(({ name }) => name === ORPHAN)),
      left: left.length,
    };
    return { status: "measured", result };
  } finally {
    await host.dispose();
  }
}

/** The command that makes a namespace, or why none is possible here. */
function findUnshare(): readonly string[] | string {
  const plain = ["unshare", "--pid", "--fork", "--kill-child", "--mount-proc"];
  let reason = "";
  for (const command of [plain, [...plain, "--user", "--map-root-user"]]) {
    const { status, stderr, error } = spawnSync(command[0] as string, [...command.slice(1), "true"], {
      encoding: "utf8",
    });
    if (status === 0) return command;
    reason = error?.message ?? stderr.trim();
  }
  return `no PID namespace can be made here: ${reason}`;
}
