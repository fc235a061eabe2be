import { describe, expect, test } from "vitest";
import { CGROUP_FAILURE } from "../../src/containment/cgroup-script.ts";
import { UnsupportedError } from "../../src/errors.ts";
import type { HostProcess } from "../../src/host/host-process.ts";
import type { ResolvedWorkerOptions } from "../../src/options/worker-options.ts";
import type { Exit } from "../../src/port/runtime.ts";
import { containmentOf, sampledMemory, withContainmentError } from "../../src/slot/containment.ts";
import { initialState } from "../../src/slot/machine.ts";
import { resolveWorkerIn } from "../support/options.ts";

const NO_MEANS = { base: undefined, mkdir: undefined, unshare: undefined, setpriv: undefined };

const UNSHARE = "unshare: unshare failed: Operation not permitted\n";
const CGROUP = `sh: 1: cannot create /c/cgroup.procs: Permission denied\n${CGROUP_FAILURE}\n`;

function ended(
  containment: "tree" | "cgroup" | "pid-namespace",
  code: number,
  stderr: string,
  wasReady = false,
) {
  const exit: Exit = { code, signal: null };
  return withContainmentError({ ...initialState(1), phase: "dead", exit, wasReady }, { containment }, stderr)
    .exit;
}

describe("a start that failed because the worker could not be contained", () => {
  test("has that as its error, with what was said and what to do", () => {
    const error = ended("pid-namespace", 1, `noise\n${UNSHARE}`)?.error;
    expect(error).toBeInstanceOf(UnsupportedError);
    expect((error as Error).message).toMatch(
      /pid-namespace.*Operation not permitted.*CAP_SYS_ADMIN.*seccomp/,
    );
    expect(
      String(ended("pid-namespace", 1, "/usr/bin/unshare: unrecognized option '--kill-child'\n")?.error),
    ).toMatch(/util-linux/);
    expect(String(ended("cgroup", 126, CGROUP)?.error)).toMatch(/cgroup.*cgroup\.procs: Permission denied/s);
  });

  test.each([
    ["of another level", "tree", 1, UNSHARE],
    ["with another code", "pid-namespace", 2, UNSHARE],
    ["that says nothing of it", "pid-namespace", 1, "TypeError: unshare is not a function\n"],
    ["that can't run its program", "cgroup", 126, "sh: 1: nice: Permission denied\n"],
  ] as const)("is not one %s", (_name, level, code, stderr) => {
    expect(ended(level, code, stderr)).toEqual({ code, signal: null });
  });

  test("is no end of a worker that was ready", () => {
    expect(ended("pid-namespace", 1, UNSHARE, true)).toEqual({ code: 1, signal: null });
  });
});

test("the memory of a worker is looked at, unless the kernel keeps its limit", () => {
  const worker = resolveWorkerIn({ worker: { limits: { memory: 5 } } });
  expect(sampledMemory(worker)).toBe(5);
  expect(sampledMemory({ ...worker, containment: "cgroup" })).toBe(Number.POSITIVE_INFINITY);
  expect(sampledMemory(undefined)).toBe(Number.POSITIVE_INFINITY);
});

const PROGRAM = { file: "/p", args: ["x"] };
const PLAIN = resolveWorkerIn({});

/** A host of which only what a containment asks is there. */
function scene(worker: Partial<ResolvedWorkerOptions>, { status = "", events = "" } = {}) {
  const asked: string[] = [];
  const host = {
    runtime: { pid: 9, readFile: () => new TextEncoder().encode(status), listFolder: () => undefined },
    marks: { next: () => 7 },
    cgroups: {
      parentIn: (base: string) => `${base}/reapool-id`,
      wasOutOfMemory: (folder: string) => asked.push(`events ${folder}`) > 0 && events === "oom",
      end: (folder: string) => void asked.push(`end ${folder}`),
    },
  } as unknown as HostProcess;
  return { asked, contained: containmentOf(host, { ...PLAIN, ...worker }) };
}

describe("a worker in a cgroup", () => {
  const means = { ...NO_MEANS, base: "/c", mkdir: "/bin/mkdir", setpriv: undefined };
  const limits = { ...PLAIN.limits, memory: 64 * 2 ** 20 };

  test("enters one of its own, and has it ended when it has ended itself", () => {
    const { asked, contained } = scene({ containment: "cgroup", means });
    const { file, args } = contained?.command(PROGRAM) ?? {};
    expect([file, args?.slice(-2)]).toEqual(["/bin/sh", ["/p", "x"]]);
    expect(args?.[1]).toContain("/c/reapool-id/7/cgroup.procs");
    expect([contained?.takesUser, contained?.pid]).toEqual([false, undefined]);
    expect(asked).toEqual([]);
    const exit = { code: 143, signal: null };
    expect(contained?.ended(exit)).toEqual({ exit, outOfMemory: undefined });
    expect(asked).toEqual(["end /c/reapool-id/7"]); // no limit, so nothing was over it
  });

  test("that the kernel has ended at its limit says so; the events are read before they go", () => {
    const { asked, contained } = scene({ containment: "cgroup", means, limits }, { events: "oom" });
    const said = contained?.ended({ code: null, signal: "SIGKILL" }).outOfMemory;
    expect(said?.message).toMatch(/worker\.limits\.memory of 64 MiB: the kernel ended it/);
    expect(asked).toEqual(["events /c/reapool-id/7", "end /c/reapool-id/7"]);
  });

  test("becomes another user after it has entered, which root alone may", () => {
    const setpriv = "/usr/bin/setpriv";
    const { contained } = scene({ containment: "cgroup", means: { ...means, setpriv }, uid: 5, gid: 6 });
    expect(contained?.takesUser).toBe(true);
    expect(contained?.command(PROGRAM).args.slice(-7)).toEqual([
      ...[setpriv, "--reuid=5", "--regid=6", "--clear-groups", "--"],
      ...["/p", "x"],
    ]);
  });
});

describe("a worker in a PID namespace", () => {
  const means = { ...NO_MEANS, unshare: "/u", setpriv: "/s" };
  const user = { uid: 5, gid: 6 };
  const ROOT = "CapEff:\t000001ffffffffff\n";
  const OTHER = "CapEff:\t0000000000000000\n";

  test("becomes another user inside where the host may make one by itself, else before it is made", () => {
    const byRoot = scene({ containment: "pid-namespace", means, ...user }, { status: ROOT }).contained;
    expect([byRoot?.takesUser, byRoot?.command(PROGRAM).args.includes("--reuid=5")]).toEqual([true, true]);
    const byOther = scene({ containment: "pid-namespace", means, ...user }, { status: OTHER }).contained;
    expect([byOther?.takesUser, byOther?.command(PROGRAM).args.includes("--reuid=5")]).toEqual([
      false,
      false,
    ]);
    expect(byOther?.command(PROGRAM).args[0]).toBe("--user");
  });

  test("has the exit of its own, and no pid as long as that can't be found", () => {
    const { contained } = scene({ containment: "pid-namespace", means }, { status: ROOT });
    expect(contained?.ended({ code: 137, signal: null }).exit).toEqual({ code: null, signal: "SIGKILL" });
    expect([contained?.pid?.(10), contained?.pid?.(undefined)]).toEqual([undefined, undefined]);
  });
});

test("a worker whose group is enough needs no more", () => {
  for (const containment of ["tree", "group"] as const)
    expect(scene({ containment }).contained).toBeUndefined();
});
