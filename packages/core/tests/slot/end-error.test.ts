import { describe, expect, test } from "vitest";
import { WorkerExitError, WorkerStartError } from "../../src/errors.ts";
import { type Death, endError, likelyCauseOf } from "../../src/slot/death.ts";
import type { StopReason } from "../../src/slot/machine.ts";
import { death } from "../support/death.ts";

const MODULE = "file:///work.js";

const killedBy = (signal: string) => ({ code: null, signal });

describe("the error of an exit event", () => {
  const lost = (name: string) => ({ name, key: undefined, id: 1 });
  const of = (about: Partial<Death>, ...tasks: string[]) =>
    endError(death(about), tasks.map(lost), MODULE, 1_000);

  test.each<StopReason>(["closed", "terminated", "idle", "recycled", "restarted", "resized"])(
    "is none when the pool meant the end and nothing was thrown: %s",
    (reason) => {
      expect(of({ reason })).toBeUndefined();
      expect(of({ reason, wasWarm: false })).toBeUndefined();
      const uncaught = new Error("in teardown");
      expect(of({ reason, uncaught })).toMatchObject({ code: "ERR_WORKER_EXIT", cause: uncaught, pid: 4711 });
    },
  );

  test.each<StopReason>(["crash", "timeout", "aborted", "protocol", "hung", "memory", "lease"])(
    "is a WorkerExitError with the likely cause: %s",
    (reason) => {
      const error = of({ reason, exit: killedBy("SIGKILL") }, "add", "resize");
      expect(error).toBeInstanceOf(WorkerExitError);
      const likelyCause = likelyCauseOf(death({ reason, exit: killedBy("SIGKILL") }));
      expect(error).toMatchObject({ task: "add", likelyCause, signal: "SIGKILL", workerId: 3 });
      expect(error?.message).toContain("while it ran `add`, and 1 more");
    },
  );

  test("names no task where none had begun", () => {
    expect(of({})?.message).toBe("Worker 3 (pid 4711) exited with code 1");
    expect(of({})).toMatchObject({ task: "" });
  });

  test("is a WorkerStartError for a worker that was never ready", () => {
    const cause = new Error("no such file");
    const error = of({ reason: "start", wasWarm: false, error: cause });
    expect(error).toBeInstanceOf(WorkerStartError);
    expect(error).toMatchObject({ code: "ERR_WORKER_START", cause, pid: 4711 });
  });
});
