import { describe, expect, test } from "vitest";
import { ProtocolError, WorkerExitError, WorkerStartError } from "../../src/errors.ts";
import {
  crashLoop,
  type Death,
  exitError,
  likelyCauseOf,
  startError,
  taskError,
} from "../../src/slot/death.ts";
import { initialState, type MachineEvent, type StopReason, step } from "../../src/slot/machine.ts";
import { death } from "../support/death.ts";

const MODULE = "file:///work.js";

function fail(): never {
  throw new Error("nobody may ask");
}

const killedBy = (signal: string) => ({ code: null, signal });

describe("the likely cause", () => {
  test.each<[string, Partial<Death>, string | RegExp]>([
    [
      "of SIGKILL is the kernel's lack of memory",
      { exit: killedBy("SIGKILL") },
      /^likely out of memory .*or a SIGKILL from outside the pool$/,
    ],
    ["of SIGTERM is from outside", { exit: killedBy("SIGTERM") }, "a SIGTERM from outside the pool"],
    ["of SIGINT is from outside", { exit: killedBy("SIGINT") }, "a SIGINT from outside the pool"],
    ["of SIGHUP is from outside", { exit: killedBy("SIGHUP") }, "a SIGHUP from outside the pool"],
    [
      "of SIGSEGV is native code",
      { exit: killedBy("SIGSEGV") },
      "likely a fault in native code, such as an addon",
    ],
    ["of SIGBUS is native code", { exit: killedBy("SIGBUS") }, /native code/],
    ["of SIGILL is native code", { exit: killedBy("SIGILL") }, /native code/],
    ["of SIGFPE is native code", { exit: killedBy("SIGFPE") }, /native code/],
    ["of SIGABRT is an assertion", { exit: killedBy("SIGABRT") }, /failed assertion.*process\.abort\(\)/],
    ["of SIGTRAP is an assertion", { exit: killedBy("SIGTRAP") }, /failed assertion/],
    ["of another signal is not guessed", { exit: killedBy("SIGUSR2") }, ""],
    [
      "of code 0 is an exit that was called",
      { exit: { code: 0, signal: null } },
      "the module likely called `process.exit()`",
    ],
    [
      "of code 137 is a signal behind a wrapper",
      { exit: { code: 137, signal: null } },
      /^likely a signal, number 9, that a wrapper/,
    ],
    [
      "of code 1 with stderr is an uncaught error",
      { stderr: "boom" },
      "likely an uncaught error; see stderr",
    ],
    ["of code 1 without stderr is not guessed", {}, ""],
    [
      "of a full heap in Node is the heap",
      {
        exit: killedBy("SIGABRT"),
        stderr: "FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory",
      },
      /^the JavaScript heap was full; give it more memory through `worker\.execArgv`/,
    ],
    [
      "of a full heap in Bun is the heap",
      { stderr: "RangeError: Out of memory" },
      /^the JavaScript heap was full/,
    ],
    [
      "of a task over its time is the pool",
      { exit: killedBy("SIGKILL"), reason: "timeout" },
      /^the pool killed it because a task in it ran over its timeout/,
    ],
    [
      "of a task over its time, in a worker that ended when it was asked to, is the pool",
      { exit: { code: 0, signal: null }, reason: "timeout" },
      /^the pool sent it SIGTERM because a task in it ran over its timeout/,
    ],
    [
      "of an abort that did not stop is the pool",
      { exit: killedBy("SIGKILL"), reason: "aborted" },
      /^the pool killed it because an aborted task/,
    ],
    [
      "of one that answered no ping is the pool",
      { exit: killedBy("SIGKILL"), reason: "hung" },
      /^the pool killed it because it answered no ping for its hangTimeout/,
    ],
    [
      "of one over its memory is the pool",
      { exit: killedBy("SIGKILL"), reason: "memory" },
      /^the pool killed it because it was over its worker\.limits\.memory/,
    ],
    [
      "of one whose host was silent for too long is its lease",
      { exit: killedBy("SIGKILL"), reason: "lease" },
      /^it was killed because its host gave no sign of life for its worker\.lease/,
    ],
    ["of an uncaught error is what it says", { uncaught: new RangeError("too far") }, "uncaught: too far"],
    ["of an uncaught text is that", { uncaught: "text" }, "uncaught: text"],
    [
      "of an uncaught thing without words is told without them",
      { uncaught: { toString: 1, valueOf: 1 } },
      /^uncaught: something that can't be put into words/,
    ],
    [
      "of a full heap is the heap, whatever was uncaught",
      { uncaught: new Error("late"), stderr: "RangeError: Out of memory" },
      /^the JavaScript heap was full/,
    ],
    [
      "of one the pool killed is the pool, whatever was uncaught",
      { uncaught: new Error("late"), reason: "timeout", exit: killedBy("SIGKILL") },
      /^the pool killed it because a task in it ran over its timeout/,
    ],
  ])("%s", (_, about, expected) => {
    const cause = likelyCauseOf(death(about));
    if (typeof expected === "string") expect(cause).toBe(expected);
    else expect(cause).toMatch(expected);
  });

  test.each<StopReason>(["timeout", "aborted", "protocol", "hung", "memory", "lease"])(
    "is never lack of memory, nor a stranger, when the pool itself ended the worker: %s",
    (reason) => {
      for (const signal of ["SIGKILL", "SIGTERM"]) {
        expect(likelyCauseOf(death({ reason, exit: killedBy(signal) }))).not.toMatch(
          /out of memory|outside the pool/,
        );
      }
    },
  );

  test.each([
    ["tree", "the pool"],
    ["group", "the pool"],
    ["pid-namespace", "the pool"],
    [undefined, "the pool"],
    ["cgroup", "the kernel"],
  ] as const)("of one over its memory is who keeps the limit: with %s %s", (containment, who) => {
    const about = { reason: "memory", exit: killedBy("SIGKILL"), containment } as const;
    expect(likelyCauseOf(death(about))).toMatch(new RegExp(`^${who} killed it because .*limits.memory$`));
    expect(taskError(death(about), "add").message).toContain(`; ${who} killed it because`);
    const others = { ...about, reason: "timeout" } as const;
    expect(likelyCauseOf(death(others))).toMatch(/^the pool killed it because/);
  });

  test.each([255, 254, 200])("of code %i, which no signal gives, is no signal", (code) => {
    expect(likelyCauseOf(death({ exit: { code, signal: null } }))).not.toContain("signal");
  });
});

describe("the error of a task that a worker had started", () => {
  test("says who died of what, during which task, why likely, and the end of stderr", () => {
    const error = taskError(death({ exit: killedBy("SIGSEGV"), stderr: "line 1\nline 2" }), "resize");
    expect(error.message).toBe(
      "Worker 3 (pid 4711) was killed by SIGSEGV while it ran `resize`; " +
        "likely a fault in native code, such as an addon\n  stderr: line 1\n          line 2",
    );
    expect(error).toBeInstanceOf(WorkerExitError);
    expect(error).toMatchObject({
      code: "ERR_WORKER_EXIT",
      workerId: 3,
      pid: 4711,
      exitCode: null,
      signal: "SIGSEGV",
      task: "resize",
      likelyCause: "likely a fault in native code, such as an addon",
      stderr: "line 1\nline 2",
    });
    expect("cause" in error).toBe(false);
  });

  test("says the exit code, and nothing more where nothing more is known", () => {
    expect(taskError(death({ exit: { code: 3, signal: null } }), "add").message).toBe(
      "Worker 3 (pid 4711) exited with code 3 while it ran `add`",
    );
  });

  test("quotes the last lines of a long stderr and carries all that was kept", () => {
    const stderr = Array.from({ length: 100 }, (_, i) => `line ${i}`).join("\n");
    const error = taskError(death({ stderr }), "add") as WorkerExitError;
    expect(error.message).toContain("line 99");
    expect(error.message).not.toContain("line 70");
    expect(error.stderr).toBe(stderr);
  });

  test("has what went wrong as its cause", () => {
    const cause = new Error("why");
    expect(taskError(death({ error: cause }), "add").cause).toBe(cause);
  });

  test("has the uncaught error as its cause, unless more is known", () => {
    const uncaught = new Error("late");
    expect(taskError(death({ uncaught }), "add").cause).toBe(uncaught);
    const error = new Error("why");
    expect(taskError(death({ uncaught, error }), "add").cause).toBe(error);
  });

  test.each([
    [0, false],
    [1, true],
    [31, true],
  ])("says that it may be another's fault where others had begun: %i", (others, isSaid) => {
    const { message } = taskError(death({ uncaught: new Error("late") }), "add", others);
    expect(message.includes(`, and ${others} more: any of these may be the cause`)).toBe(isSaid);
    expect(message.includes("may be the cause")).toBe(isSaid);
  });

  test("is the ProtocolError itself when the worker did not speak the protocol", () => {
    const error = new ProtocolError("garbage");
    expect(taskError(death({ reason: "protocol", error }), "add")).toBe(error);
  });

  test("is a ProtocolError when the worker closed its channel and went on", () => {
    const error = taskError(death({ reason: "protocol", exit: killedBy("SIGKILL") }), "add");
    expect(error).toBeInstanceOf(ProtocolError);
    expect(error.message).toBe(
      "Worker 3 (pid 4711) closed its channel but went on running; it was killed during `add`",
    );
  });
});

describe("the error of calls that waited for a worker that completed nothing", () => {
  test("says so, and names no task", () => {
    const error = exitError(death({ exit: { code: 0, signal: null }, pid: undefined }));
    expect(error).toBeInstanceOf(WorkerExitError);
    expect(error.message).toBe(
      "Worker 3 exited with code 0 before it completed a task; the module likely called `process.exit()`",
    );
    expect(error).toMatchObject({ task: "", exitCode: 0, signal: null, pid: undefined });
  });

  test("tells of the protocol, not of memory, when the pool killed it for what it sent", () => {
    const error = exitError(
      death({ reason: "protocol", error: new ProtocolError("garbage"), exit: killedBy("SIGKILL") }),
    );
    expect(error.message).not.toContain("out of memory");
    expect(error.cause).toBeInstanceOf(ProtocolError);
  });
});

test("the error of a crash loop says how many deaths are too many, and has the last as its cause", () => {
  const last = exitError(death());
  const error = crashLoop(last, { intensity: 4, period: 2_000 });
  expect(error).toMatchObject({ code: "ERR_CRASH_LOOP", cause: last });
  expect(error.message).toContain("more than 4 times, in a row or within 2000 ms");
  expect(error.message).toContain(`Last: ${last.message}`);
});

describe("the error of calls that waited for a worker to be ready", () => {
  const notReady = (about: Partial<Death>) =>
    startError(death({ wasWarm: false, reason: "start", ...about }), MODULE, 250);

  test("says that it could not be started, and why", () => {
    const cause = new Error("spawn ENOENT");
    const error = notReady({ pid: undefined, exit: { code: null, signal: null, error: cause } });
    expect(error).toBeInstanceOf(WorkerStartError);
    expect(error.message).toBe(`Worker 3 could not be started for ${MODULE}: spawn ENOENT`);
    expect(error).toMatchObject({ cause, code: "ERR_WORKER_START", exitCode: null, signal: null });
  });

  test("says that the module could not be loaded, with the module's own error as the cause", () => {
    const cause = new SyntaxError("Unexpected token");
    const error = notReady({ error: cause, stderr: "trace" });
    expect(error.message).toBe(
      `Worker 3 (pid 4711) could not load ${MODULE}: Unexpected token\n  stderr: trace`,
    );
    expect(error.cause).toBe(cause);
  });

  test("names the broadcast that failed, and its error, and nobody's signal", () => {
    const cause = new RangeError("no room");
    const error = notReady({ failedBroadcast: "warm", error: cause, exit: killedBy("SIGTERM") });
    expect(error.message).toBe(
      "Worker 3 (pid 4711) could not run `warm`, broadcast with `later`, before its first call: no room",
    );
    expect([error.cause, error.signal]).toEqual([cause, "SIGTERM"]);
  });

  test("has the uncaught error as its cause", () => {
    const uncaught = new Error("late");
    const error = notReady({ uncaught });
    expect(error.cause).toBe(uncaught);
    expect(error.message).toContain("exited with code 1 before it was ready; uncaught: late");
  });

  test.each<[string, unknown]>([
    ["an object without words", { toString: 1, valueOf: 1 }],
    ["an error whose message throws", Object.defineProperty(new Error(), "message", { get: fail })],
    ["an error whose message is an object", Object.assign(new Error(), { message: {} })],
    ["a symbol", Symbol("odd")],
  ])("is made of whatever was thrown: %s", (_, thrown) => {
    for (const about of [
      { error: thrown },
      { uncaught: thrown },
      { error: thrown, failedBroadcast: "warm" },
    ]) {
      const error = notReady(about);
      expect([error.code, error.cause]).toEqual(["ERR_WORKER_START", thrown]);
    }
    expect(taskError(death({ uncaught: thrown }), "add").cause).toBe(thrown);
  });

  test("shows what was thrown when that was no error", () => {
    expect(notReady({ error: "text" }).message).toContain("could not load file:///work.js: text");
  });

  test("says that it took too long, and which option allows more", () => {
    const error = notReady({ wasLate: true, exit: killedBy("SIGKILL") });
    expect(error.message).toContain("was not ready within 250 ms (startTimeout) and was killed");
    expect(error.message).not.toContain("out of memory");
  });

  test("says how it died when it died by itself", () => {
    expect(notReady({ exit: { code: 7, signal: null } }).message).toBe(
      `Worker 3 (pid 4711) exited with code 7 before it was ready (${MODULE})`,
    );
  });

  test("does not blame the startTimeout when somebody else killed it", () => {
    const error = notReady({ exit: killedBy("SIGKILL") });
    expect(error.message).not.toContain("startTimeout");
    expect(error.message).toContain("was killed by SIGKILL before it was ready");
  });

  test.each<[string, MachineEvent[], boolean]>([
    ["is late", [{ type: "timeUp" }], true],
    ["is killed by a stranger", [], false],
    [
      "closes its channel and hangs",
      [{ type: "connected" }, { type: "channelClosed" }, { type: "timeUp" }],
      false,
    ],
  ])("blames the startTimeout only where it was over: a worker that %s", (_, events, isBlamed) => {
    let state = initialState(0);
    const times = { startTimeout: 250, killTimeout: 250 };
    const exited: MachineEvent = { type: "exited", exit: killedBy("SIGKILL") };
    for (const event of [...events, exited]) [state] = step(state, event, times);
    const error = notReady({
      wasLate: state.wasLate,
      reason: state.reason ?? "start",
      exit: killedBy("SIGKILL"),
    });
    expect(error.message.includes("startTimeout")).toBe(isBlamed);
  });
});
