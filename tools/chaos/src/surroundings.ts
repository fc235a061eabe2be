/**
 * What some faults need from this machine: few descriptors, a small temporary folder. Owns the command in front of a
 * player's own.
 */
import { spawnSync } from "node:child_process";
import { FEW_DESCRIPTORS, SMALL_FOLDER } from "./player/messages.ts";

export interface Surroundings {
  /** Commands that become the command after them. */
  readonly prefix: readonly string[];
  /** Arguments that tell the player what is available. */
  readonly args: readonly string[];
}

export const PLAIN: Surroundings = { prefix: [], args: [] };

/** Enough for three workers, and soon used up. */
const LIMIT = ["prlimit", "--nofile=300:300"];
/** A private one for this process and its children. */
const MOUNT = [
  ...["unshare", "--mount", "--propagation", "private", "sh", "-c"],
  'mount -t tmpfs -o size=8m tmpfs "$TMPDIR" && exec "$@"',
  "sh",
];

/** As far as this machine and user allow. */
export function findSurroundings(): Surroundings {
  const parts = [
    { prefix: MOUNT, args: [SMALL_FOLDER], tryOut: MOUNT.map((word) => word.replace("$TMPDIR", "/tmp")) },
    { prefix: LIMIT, args: [FEW_DESCRIPTORS], tryOut: LIMIT },
  ].filter(({ tryOut: [file = "", ...args] }) => spawnSync(file, [...args, "true"]).status === 0);
  return { prefix: parts.flatMap(({ prefix }) => prefix), args: parts.flatMap(({ args }) => args) };
}
