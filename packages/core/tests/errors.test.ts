import { describe, expect, test } from "vitest";
import type * as Module from "../src/errors.ts";
import { PoolError, type PoolErrorCode, type WorkerEnd } from "../src/errors.ts";
import { transfer } from "./support/transfer.ts";

const END: WorkerEnd = { workerId: 1, pid: 2, exit: { code: null, signal: "SIGKILL" }, stderr: "trace" };

type Errors = typeof Module;
type Name = Exclude<keyof Errors, "PoolError">;

const CODES: Record<Name, PoolErrorCode> = {
  PoolClosedError: "ERR_POOL_CLOSED",
  QueueFullError: "ERR_QUEUE_FULL",
  QueueTimeoutError: "ERR_QUEUE_TIMEOUT",
  TaskTimeoutError: "ERR_TASK_TIMEOUT",
  UnknownTaskError: "ERR_UNKNOWN_TASK",
  SerializationError: "ERR_SERIALIZATION",
  WorkerStartError: "ERR_WORKER_START",
  WorkerExitError: "ERR_WORKER_EXIT",
  CrashLoopError: "ERR_CRASH_LOOP",
  ProtocolError: "ERR_PROTOCOL",
  SpawnError: "ERR_SPAWN",
  UnsupportedError: "ERR_UNSUPPORTED",
};
const NAMES = Object.keys(CODES) as Name[];

function make(name: Name, from: Errors = errors): PoolError {
  switch (name) {
    case "WorkerStartError":
      return new from.WorkerStartError("why", END);
    case "WorkerExitError":
      return new from.WorkerExitError("why", END, { task: "add", likelyCause: "" });
    default:
      return new from[name]("why");
  }
}

const errors: Errors = await import("../src/errors.ts");

/** A second copy of the module, as two versions of the package in one process have it. */
const copy = "../src/errors.ts?copy=2";
const others: Errors = await import(/* @vite-ignore */ copy);

test("every exported class of errors has its row in these tests", () => {
  expect(Object.keys(errors).sort()).toEqual(["PoolError", ...NAMES].sort());
});

describe.each(NAMES)("a %s", (name) => {
  test("has its code, its name and its message", () => {
    const error = make(name);
    expect({ code: error.code, name: error.name, message: error.message }).toEqual({
      code: CODES[name],
      name,
      message: "why",
    });
    expect(error.constructor.name).toBe(name);
    expect(String(error)).toBe(`${name}: why`);
    expect(error.stack).toContain("why");
  });

  test("is a PoolError and an Error", () => {
    expect(make(name)).toBeInstanceOf(PoolError);
    expect(make(name)).toBeInstanceOf(Error);
    expect(Object.getPrototypeOf(make(name))).toBe(errors[name].prototype);
  });

  test("is of no other class of this list", () => {
    const classes = NAMES.filter((other) => make(name) instanceof errors[other]);
    expect(classes).toEqual([name]);
  });

  test("of another copy of the package is recognised, and only by its own class and the base", () => {
    const foreign = make(name, others);
    expect(others[name]).not.toBe(errors[name]);
    expect(foreign).toBeInstanceOf(errors[name]);
    expect(foreign).toBeInstanceOf(PoolError);
    expect(make(name)).toBeInstanceOf(others[name]);
    expect(NAMES.filter((other) => foreign instanceof errors[other])).toEqual([name]);
  });

  test("shows its code first, as its own; name and brand stand on its class", () => {
    const shown = Object.keys(make(name));
    expect(shown[0]).toBe("code");
    for (const key of ["name", "message", "stack"]) expect(shown).not.toContain(key);
    expect(Object.getOwnPropertySymbols(make(name))).toEqual([]);
  });

  test("keeps its code and name when it is sent to another process", () => {
    expect(transfer(make(name))).toMatchObject({ name, code: CODES[name], message: "why" });
  });
});

describe("instanceof PoolError", () => {
  test.each<[string, unknown]>([
    ["a plain error", new Error("why")],
    [
      "an error with the same code and name",
      Object.assign(new Error("why"), { code: "ERR_PROTOCOL", name: "ProtocolError" }),
    ],
    ["an object", {}],
    ["null", null],
    ["undefined", undefined],
    ["a text", "ERR_PROTOCOL"],
    ["a function", () => {}],
  ])("is false for %s", (_, value) => {
    expect(value instanceof PoolError).toBe(false);
    expect(value instanceof errors.ProtocolError).toBe(false);
  });

  test("is true for an object with the brand, whoever made it", () => {
    const foreign = { [Symbol.for("reapool.error")]: true, code: "ERR_QUEUE_FULL" };
    expect(foreign instanceof PoolError).toBe(true);
    expect(foreign instanceof errors.QueueFullError).toBe(true);
    expect(foreign instanceof errors.ProtocolError).toBe(false);
  });
});

describe("a class of the application that extends one of these", () => {
  class TenantQueueFullError extends errors.QueueFullError {}
  class AppError extends PoolError {}

  test("has its own instances", () => {
    const error = new TenantQueueFullError("why");
    expect(error).toBeInstanceOf(TenantQueueFullError);
    expect(error).toBeInstanceOf(errors.QueueFullError);
    expect(error).toBeInstanceOf(PoolError);
    expect(new AppError("why")).toBeInstanceOf(AppError);
  });

  test("does not claim the errors of the pool", () => {
    expect(new errors.QueueFullError("why") instanceof TenantQueueFullError).toBe(false);
    expect(new errors.QueueFullError("why") instanceof AppError).toBe(false);
  });
});

describe("what an error carries", () => {
  test("of a SerializationError is the path, empty when it is not known, and the cause", () => {
    const cause = new Error("why");
    expect(new errors.SerializationError("a", { path: "args[0]", cause })).toMatchObject({
      path: "args[0]",
      cause,
    });
    expect(new errors.SerializationError("a").path).toBe("");
    expect("cause" in new errors.SerializationError("a")).toBe(false);
  });

  test("of a worker's end is what is known of it", () => {
    const known = { workerId: 1, pid: 2, exitCode: null, signal: "SIGKILL", stderr: "trace" };
    expect(make("WorkerStartError")).toMatchObject(known);
    expect(make("WorkerExitError")).toMatchObject({ ...known, task: "add", likelyCause: "" });
  });

  test("of a WorkerExitError has a cause only where there is one", () => {
    const about = { task: "add", likelyCause: "" };
    expect("cause" in new errors.WorkerExitError("a", END, { ...about, cause: undefined })).toBe(false);
    expect(new errors.WorkerExitError("a", END, { ...about, cause: "why" }).cause).toBe("why");
  });

  test("of the others is a cause when one is given", () => {
    const cause = new Error("why");
    expect(new errors.CrashLoopError("a", { cause }).cause).toBe(cause);
  });
});
