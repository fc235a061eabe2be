import { describe, expect, test } from "vitest";
import { CGROUP_FAILURE } from "../../src/containment/cgroup-script.ts";
import { UnsupportedError } from "../../src/errors.ts";
import type { Exit } from "../../src/port/runtime.ts";
import { sampledMemory, withContainmentError } from "../../src/slot/containment.ts";
import { initialState } from "../../src/slot/machine.ts";
import { resolveWorkerIn } from "../support/options.ts";

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
