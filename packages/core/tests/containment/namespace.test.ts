import { describe, expect, test } from "vitest";
import { wasOutOfMemory } from "../../src/containment/limits.ts";
import {
  assertNamespaces,
  enterNamespace,
  exitInside,
  isPrivileged,
} from "../../src/containment/namespace.ts";
import { UnsupportedError } from "../../src/errors.ts";

describe("what the exit of the one who waits says of the worker", () => {
  test.each([
    [0, 0, null],
    [7, 7, null],
    [128, 128, null],
    [129, null, "SIGHUP"],
    [134, null, "SIGABRT"],
    [137, null, "SIGKILL"],
    [139, null, "SIGSEGV"],
    [143, null, "SIGTERM"],
    [159, null, "SIGSYS"],
    [160, 160, null],
    [255, 255, null],
  ])("code %i", (code, inside, signal) => {
    expect(exitInside({ code, signal: null })).toEqual({ code: inside, signal });
  });

  test("a signal of its own, or that it never ran, is what it was", () => {
    expect(exitInside({ code: null, signal: "SIGKILL" })).toEqual({ code: null, signal: "SIGKILL" });
    const failed = { code: null, signal: null, error: new Error("ENOENT") };
    expect(exitInside(failed)).toBe(failed);
  });
});

test("without the right to make one by itself, it is in a namespace of users", () => {
  const args = (may: boolean) => enterNamespace(["p", "a b"], { unshare: "/u", isPrivileged: may }).args;
  expect(args(true).slice(0, 4)).toEqual(["--pid", "--fork", "--kill-child", "--mount-proc"]);
  expect(args(false).slice(0, 3)).toEqual(["--user", "--map-current-user", "--pid"]);
  expect(args(true).slice(-2)).toEqual(["p", "a b"]);
});

test("CAP_SYS_ADMIN is that right, and no other is", () => {
  expect(isPrivileged("Name:\tx\nCapEff:\t000001ffffffffff\n")).toBe(true);
  expect(isPrivileged("CapEff:\t0000000000200000")).toBe(true);
  expect(isPrivileged("CapEff:\t00000000a80425fb")).toBe(false); // Docker's
  expect(isPrivileged("CapPrm:\t000001ffffffffff\nCapEff:\t0000000000000000\n")).toBe(false);
  expect(isPrivileged("")).toBe(false);
});

const ROOT = "CapEff:\t000001ffffffffff\n";
const USER = "CapEff:\t0000000000000000\n";
const PLAIN =
  "22 27 0:21 / /proc rw - proc proc rw\n90 22 0:40 / /proc/sys/fs/binfmt_misc rw - autofs systemd-1 rw\n";
const MASKED = `${PLAIN}91 22 0:41 / /proc/kcore ro - tmpfs tmpfs rw\n`;

function machine(status: string, files: Record<string, string> = {}) {
  const all: Record<string, string> = { "/proc/9/status": status, "/proc/self/mountinfo": PLAIN, ...files };
  return {
    pid: 9,
    readFile: (path: string) => (all[path] === undefined ? undefined : new TextEncoder().encode(all[path])),
  };
}

describe("a namespace", () => {
  test("can be had by root and, where users may have theirs, by others", () => {
    expect(assertNamespaces(machine(ROOT))).toBe(true);
    expect(assertNamespaces(machine(USER))).toBe(false);
    expect(assertNamespaces(machine(ROOT, { "/proc/self/mountinfo": MASKED }))).toBe(true);
    expect(assertNamespaces(machine(ROOT, { "/proc/sys/user/max_user_namespaces": "0\n" }))).toBe(true);
    expect(assertNamespaces(machine(USER, { "/proc/sys/user/max_user_namespaces": "10\n" }))).toBe(false);
  });

  test.each([
    [
      "of processes are none",
      ROOT,
      { "/proc/sys/user/max_pid_namespaces": "0\n" },
      /user\.max_pid_namespaces/,
    ],
    [
      "of users are none",
      USER,
      { "/proc/sys/user/max_user_namespaces": "0\n" },
      /user\.max_user_namespaces.*root/,
    ],
    [
      "of users are for root",
      USER,
      { "/proc/sys/kernel/unprivileged_userns_clone": "0\n" },
      /unprivileged_userns_clone/,
    ],
    [
      "would have no /proc: it is masked",
      USER,
      { "/proc/self/mountinfo": MASKED },
      /\/proc\/kcore is masked.*systempaths/,
    ],
  ])("can't be had where those %s", (_name, status, files, why) => {
    expect(() => assertNamespaces(machine(status, files))).toThrow(UnsupportedError);
    expect(() => assertNamespaces(machine(status, files))).toThrow(why);
  });

  test("can't be had where /proc can't be read", () => {
    expect(() => assertNamespaces({ pid: 9, readFile: () => undefined })).toThrow(/--allow-all/);
  });
});

test("a cgroup was out of memory when it was at its own limit and something in it was killed", () => {
  const events = (oom: number, kill: number) =>
    `low 0\nhigh 0\nmax 9\noom ${oom}\noom_kill ${kill}\noom_group_kill 0\n`;
  expect(wasOutOfMemory(events(1, 3))).toBe(true);
  expect(wasOutOfMemory(events(0, 3))).toBe(false); // the limit above it
  expect(wasOutOfMemory(events(2, 0))).toBe(false);
  expect(wasOutOfMemory("")).toBe(false);
});
