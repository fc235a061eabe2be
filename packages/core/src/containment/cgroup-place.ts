/**
 * Where the control groups of workers can be: finds the cgroup v2 hierarchy and this process's own group in it, and
 * chooses the folder they are made in. Owns why there is none, in words that say how to get one; enters none
 * (cgroup-script.ts).
 */
import { UnsupportedError } from "../errors.ts";
import type { Runtime } from "../port/runtime.ts";
import { readText } from "../read-text.ts";

type Files = Pick<Runtime, "readFile" | "openFile">;

/** This process in the hierarchy. */
export interface OwnCgroup {
  /** Where the hierarchy, or the part of it that can be seen, is mounted. */
  readonly mount: string;
  /** The folder of this process's group. */
  readonly path: string;
  readonly isReadOnly: boolean;
}

/** What has a group of its own is given by the folder's name, and what is in it must not be taken for a service's. */
export const FOLDER_NAME = "reapool-";

/**
 * PURE. @param mountinfo /proc/self/mountinfo. @param membership /proc/self/cgroup.
 * @returns a string where there is none: why.
 */
export function ownCgroup(mountinfo: string, membership: string): OwnCgroup | string {
  const own = /^0::(\/.*)$/m.exec(membership)?.[1];
  const mounts = mountinfo.split("\n").flatMap(parseMount);
  if (own === undefined || mounts.length === 0) return "no cgroup v2 hierarchy is mounted here";
  for (const { root, mount, isReadOnly } of mounts) {
    const below =
      root === "/"
        ? own
        : own === root
          ? "/"
          : own.startsWith(`${root}/`)
            ? own.slice(root.length)
            : undefined;
    if (below === undefined || below.split("/").includes("..")) continue;
    return { mount, path: below === "/" ? mount : `${mount}${below}`, isReadOnly };
  }
  return `the cgroup of this process, ${own}, is not in what is mounted at ${mounts.map(({ mount }) => mount).join(", ")}`;
}

interface Mount {
  /** The group that is at the mount point. */
  readonly root: string;
  readonly mount: string;
  readonly isReadOnly: boolean;
}

/** `ID PARENT DEVICE ROOT MOUNT OPTIONS [FIELDS...] - TYPE SOURCE SUPER_OPTIONS`, with blanks as octal numbers. */
function parseMount(line: string): Mount[] {
  const [before = "", after = ""] = line.split(" - ");
  const [type, , superOptions = ""] = after.split(" ");
  if (type !== "cgroup2") return [];
  const [, , , root = "", mount = "", options = ""] = before.split(" ").map(unescapeOctal);
  const isReadOnly = [...options.split(","), ...superOptions.split(",")].includes("ro");
  return [{ root, mount, isReadOnly }];
}

function unescapeOctal(field: string): string {
  return field.replace(/\\([0-7]{3})/g, (_all, octal: string) =>
    String.fromCharCode(Number.parseInt(octal, 8)),
  );
}

/**
 * The folder in which groups with these controllers can be made: the own group, or, since a group with processes can enable
 * no controller for those below it, the one above.
 *
 * @throws UnsupportedError that says what is missing.
 */
export function cgroupBase(files: Files, controllers: readonly string[]): string {
  const mountinfo = readText(files, "/proc/self/mountinfo");
  const membership = readText(files, "/proc/self/cgroup");
  if (mountinfo === undefined || membership === undefined)
    throw lacking("it needs Linux and a readable /proc (in Deno, --allow-all)");
  const own = ownCgroup(mountinfo, membership);
  if (typeof own === "string") throw lacking(`${own}: boot with systemd.unified_cgroup_hierarchy=1`);
  const { mount, path, isReadOnly } = own;
  if (isReadOnly)
    throw lacking(
      `the cgroups at ${mount} are mounted read-only: a container needs a cgroup namespace of its own, mounted read-write ` +
        "(Docker: --privileged, or --security-opt writable-cgroups=true; Podman: --security-opt unmask=/sys/fs/cgroup)",
    );
  const base = controllers.length === 0 || isRoot(files, path) ? path : above(own);
  if (/\s/.test(base)) throw lacking(`the path ${JSON.stringify(base)} has a blank`);
  if (base !== path && (readText(files, `${base}/cgroup.procs`) ?? "").trim() !== "" && !isRoot(files, base))
    throw lacking(`\`worker.limits\` needs a cgroup that has no processes itself, and ${base} has processes`);
  assertControllers(files, base, controllers);
  for (const file of controllers.length === 0 ? ["cgroup.procs"] : ["cgroup.procs", "cgroup.subtree_control"])
    assertWritable(files, `${base}/${file}`);
  return base;
}

/** Of the whole machine, which alone may have both processes and controllers for those below it. */
function isRoot(files: Files, path: string): boolean {
  return files.readFile(`${path}/cgroup.type`) === undefined;
}

function above({ mount, path }: OwnCgroup): string {
  if (path === mount)
    throw lacking(
      `\`worker.limits\` needs a cgroup that has no processes itself, and ${path} has this one: start the program in one ` +
        `below it (mkdir ${path}/main && echo $$ > ${path}/main/cgroup.procs && exec <program>)`,
    );
  const parent = path.slice(0, path.lastIndexOf("/"));
  if (parent.slice(parent.lastIndexOf("/") + 1).startsWith(FOLDER_NAME))
    throw lacking(
      "this process is itself a worker in a cgroup: only the limits of that one are kept for its own workers",
    );
  return parent;
}

function assertControllers(files: Files, base: string, controllers: readonly string[]): void {
  const there = (readText(files, `${base}/cgroup.controllers`) ?? "").trim().split(/\s+/);
  const missing = controllers.filter((name) => !there.includes(name));
  if (missing.length === 0) return;
  throw lacking(
    `\`worker.limits\` needs the controllers ${missing.join(", ")}, which ${base} does not have: they belong to cgroup v1, ` +
      "or are not delegated (systemd: Delegate=yes)",
  );
}

function assertWritable(files: Files, path: string): void {
  try {
    files.openFile(path).close();
  } catch (cause) {
    throw lacking(
      `this process may not write ${path}: run it as root, or in a cgroup that is delegated to it ` +
        "(`systemd-run --user --scope -p Delegate=yes <program>`; for `worker.limits`, a service with Delegate=yes and " +
        "DelegateSubgroup=main)",
      cause,
    );
  }
}

function lacking(why: string, cause?: unknown): UnsupportedError {
  return new UnsupportedError(
    `Cannot contain a worker in a "cgroup" (\`worker.containment\`): ${why}`,
    cause === undefined ? {} : { cause },
  );
}
