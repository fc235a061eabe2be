import { describe, expect, test } from "vitest";
import { cgroupBase, ownCgroup } from "../../src/containment/cgroup-place.ts";
import { UnsupportedError } from "../../src/errors.ts";

const V2 = "29 23 0:26 / /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw,nsdelegate";
const HYBRID = [
  "22 27 0:21 / /proc rw,relatime - proc proc rw",
  "35 31 0:32 / /sys/fs/cgroup/memory rw,relatime - cgroup cgroup rw,memory",
  "41 31 0:38 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw",
].join("\n");

describe("this process's own cgroup", () => {
  test.each([
    ["of the whole machine", V2, "0::/\n", "/sys/fs/cgroup", "/sys/fs/cgroup"],
    [
      "a service's",
      V2,
      "0::/system.slice/app.service\n",
      "/sys/fs/cgroup",
      "/sys/fs/cgroup/system.slice/app.service",
    ],
    [
      "beside those of v1",
      HYBRID,
      "4:memory:/a\n0::/b\n",
      "/sys/fs/cgroup/unified",
      "/sys/fs/cgroup/unified/b",
    ],
    [
      "a container's, of whose hierarchy only its own part is mounted",
      "1 2 0:26 /docker/abc /sys/fs/cgroup rw - cgroup2 cgroup rw",
      "0::/docker/abc/main",
      "/sys/fs/cgroup",
      "/sys/fs/cgroup/main",
    ],
    [
      "at a place with a blank",
      "1 2 0:26 / /my\\040groups rw - cgroup2 none rw",
      "0::/a",
      "/my groups",
      "/my groups/a",
    ],
  ])("%s", (_name, mountinfo, membership, mount, path) => {
    expect(ownCgroup(mountinfo, membership)).toEqual({ mount, path, isReadOnly: false });
  });

  test("is read-only where the mount or its file system is", () => {
    const mounted = (options: string, superOptions: string) =>
      ownCgroup(`1 2 0:26 / /c ${options} master:1 - cgroup2 cgroup ${superOptions}`, "0::/");
    expect(mounted("ro,nosuid", "rw")).toMatchObject({ isReadOnly: true });
    expect(mounted("rw", "ro")).toMatchObject({ isReadOnly: true });
    expect(mounted("rw,errors=ro-not", "rw")).toMatchObject({ isReadOnly: false });
  });

  test.each([
    [
      "only v1 is mounted",
      "35 31 0:32 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory",
      "4:memory:/a\n",
      /no cgroup v2/,
    ],
    ["it is a group of v1 alone", V2, "4:memory:/a\n", /no cgroup v2/],
    ["it is above what is mounted", V2, "0::/../other", /is not in what is mounted at \/sys\/fs\/cgroup/],
    [
      "its name only begins like what is mounted",
      "1 2 0:26 /a /c rw - cgroup2 c rw",
      "0::/ab",
      /\/ab, is not in/,
    ],
  ])("can't be found where %s", (_name, mountinfo, membership, why) => {
    expect(ownCgroup(mountinfo, membership)).toMatch(why);
  });
});

interface Machine {
  readonly own: string;
  readonly mountinfo?: string;
  readonly files?: Readonly<Record<string, string>>;
  readonly refused?: readonly string[];
}

const EVERY = "cpuset cpu io memory hugetlb pids\n";

/** Below /sys/fs/cgroup, unless said otherwise; what opens a file that is not there throws. */
function machine({
  own,
  mountinfo = V2,
  files = {},
  refused = [],
}: Machine): Parameters<typeof cgroupBase>[0] {
  const all: Record<string, string> = {
    "/proc/self/mountinfo": mountinfo,
    "/proc/self/cgroup": `0::${own}\n`,
    ...Object.fromEntries(Object.entries(files).map(([path, text]) => [`/sys/fs/cgroup${path}`, text])),
  };
  return {
    readFile: (path) => (all[path] === undefined ? undefined : new TextEncoder().encode(all[path])),
    openFile: (path) => {
      if (all[path] === undefined || refused.includes(path.replace("/sys/fs/cgroup", "")))
        throw Object.assign(new Error(`EACCES ${path}`), { code: "EACCES" });
      return { close: () => {} } as ReturnType<Parameters<typeof cgroupBase>[0]["openFile"]>;
    },
  };
}

/** The files of a group. */
const group = (path: string, controllers = "", processes = "") => ({
  [`${path}/cgroup.procs`]: processes,
  [`${path}/cgroup.type`]: "domain\n",
  [`${path}/cgroup.controllers`]: controllers,
  [`${path}/cgroup.subtree_control`]: "",
});

const ROOT = { "/cgroup.procs": "1\n", "/cgroup.controllers": EVERY, "/cgroup.subtree_control": "" };

describe("the folder for the groups of workers", () => {
  test("is the own group where they have no limits", () => {
    expect(cgroupBase(machine({ own: "/", files: ROOT }), [])).toBe("/sys/fs/cgroup");
    const files = { ...ROOT, ...group("/a/b.scope") };
    expect(cgroupBase(machine({ own: "/a/b.scope", files }), [])).toBe("/sys/fs/cgroup/a/b.scope");
  });

  test("is, with limits, the one above, which has no processes; that of the whole machine may have both", () => {
    expect(cgroupBase(machine({ own: "/", files: ROOT }), ["memory"])).toBe("/sys/fs/cgroup");
    const files = { ...ROOT, ...group("/app", EVERY), ...group("/app/main", "", "7\n") };
    expect(cgroupBase(machine({ own: "/app/main", files }), ["memory", "pids"])).toBe("/sys/fs/cgroup/app");
  });

  const app = { ...group("/app", EVERY), ...group("/app/main", "", "7\n") };
  test.each<[string, Machine, readonly string[], RegExp]>([
    ["no /proc", { own: "/", mountinfo: "" }, [], /no cgroup v2.*unified_cgroup_hierarchy/],
    [
      "mounted read-only",
      { own: "/", mountinfo: V2.replaceAll("rw", "ro") },
      [],
      /read-only.*writable-cgroups.*unmask/,
    ],
    [
      "not delegated",
      { own: "/a", files: group("/a"), refused: ["/a/cgroup.procs"] },
      [],
      /root.*systemd-run --user --scope/,
    ],
    ["a blank in its path", { own: "/a b", files: group("/a b") }, [], /blank/],
    [
      "limits, and a container's own group",
      { own: "/", files: { ...ROOT, ...group("") } },
      ["memory"],
      /no processes itself.*mkdir/,
    ],
    [
      "limits, and v1 has the controllers",
      { own: "/", files: { ...ROOT, "/cgroup.controllers": "hugetlb\n" } },
      ["memory", "cpu"],
      /controllers memory, cpu.*v1/,
    ],
    [
      "limits, and a part of them delegated",
      { own: "/app/main", files: { ...app, ...group("/app", "memory pids") } },
      ["cpu", "memory"],
      /controllers cpu, .*Delegate/,
    ],
    [
      "limits, and the one above is not delegated",
      { own: "/app/main", files: app, refused: ["/app/cgroup.subtree_control"] },
      ["cpu"],
      /may not write .*DelegateSubgroup/,
    ],
    [
      "limits, and the one above has processes too",
      { own: "/app/main", files: { ...app, ...group("/app", EVERY, "5\n") } },
      ["cpu"],
      /has processes/,
    ],
    [
      "limits in a worker that is in one",
      { own: "/reapool-x/3", files: { ...ROOT, ...group("/reapool-x", EVERY), ...group("/reapool-x/3") } },
      ["cpu"],
      /itself a worker/,
    ],
  ])("can't be had: %s", (_name, where, controllers, why) => {
    expect(() => cgroupBase(machine(where), controllers)).toThrow(UnsupportedError);
    expect(() => cgroupBase(machine(where), controllers)).toThrow(why);
  });

  test("can't be had where /proc can't be read, as in Deno without its permission", () => {
    const files = { readFile: () => undefined, openFile: () => expect.unreachable() };
    expect(() => cgroupBase(files, [])).toThrow(/--allow-all/);
  });
});
