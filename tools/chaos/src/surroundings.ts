/** What some faults take of this machine: few descriptors, a small temporary folder. Owns what stands before a player's command. */
import { spawnSync } from "node:child_process";
import { FEW_DESCRIPTORS, SMALL_FOLDER } from "./player/messages.ts";

export interface Surroundings {
  /** Commands that become what follows them. */
  readonly prefix: readonly string[];
  /** They tell the player what it has. */
  readonly args: readonly string[];
}

export const PLAIN: Surroundings = { prefix: [], args: [] };

/** Enough for what three workers take, and soon used up. */
const LIMIT = ["prlimit", "--nofile=300:300"];
/** Its own for this process and what it starts. */
const MOUNT = [
  ...["unshare", "--mount", "--propagation", "private", "sh", "-c"],
  'mount -t tmpfs -o size=8m tmpfs "$TMPDIR" && exec "$@"',
  "sh",
];

/** As far as this machine and user allow it. */
export function findSurroundings(): Surroundings {
  const parts = [
    { prefix: MOUNT, args: [SMALL_FOLDER], tryOut: MOUNT.map((word) => word.replace("$TMPDIR", "/tmp")) },
    { prefix: LIMIT, args: [FEW_DESCRIPTORS], tryOut: LIMIT },
  ].filter(({ tryOut: [file = "", ...args] }) => spawnSync(file, [...args, "true"]).status === 0);
  return { prefix: parts.flatMap(({ prefix }) => prefix), args: parts.flatMap(({ args }) => args) };
}
