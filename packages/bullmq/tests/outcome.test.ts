import { describe, expect, it } from "vitest";
import { deathLines } from "../src/death-lines.ts";
import { asError, delayAfter, FREE_STARTS, mayRunOn, verdictOn } from "../src/outcome.ts";

/** As the pool's own errors are known. */
const ofPool = (code: string) =>
  Object.assign(new Error(`because of ${code}`), { code, [Symbol.for("reapool.error")]: true });
const once = { attemptsStarted: 1, attemptsMade: 0 };

describe("the verdict on a job", () => {
  it.each([
    [ofPool("ERR_TASK_TIMEOUT"), "fail"],
    [ofPool("ERR_WORKER_EXIT"), "fail"],
    [ofPool("ERR_PROTOCOL"), "fail"],
    [ofPool("ERR_UNKNOWN_TASK"), "fail-for-good"],
    [ofPool("ERR_SERIALIZATION"), "fail-for-good"],
    [ofPool("ERR_WORKER_START"), "delay"],
    [ofPool("ERR_CRASH_LOOP"), "delay"],
    [ofPool("ERR_QUEUE_FULL"), "delay"],
    [ofPool("ERR_QUEUE_TIMEOUT"), "delay"],
    [ofPool("ERR_POOL_CLOSED"), "delay"],
    [new Error("of the task"), "fail"],
    [Object.assign(new Error("of the task"), { code: "ERR_POOL_CLOSED" }), "fail"], // a code is no brand
    [undefined, "fail"],
  ])("%s: %s", (error, kind) => {
    expect(verdictOn(error, undefined, "attempt", once).kind).toBe(kind);
  });

  it.each([
    ["cancelled", "fail-for-good"],
    ["lock-lost", "give-back"],
    ["late", "give-back"],
  ] as const)("%s comes before whatever the call rejected with: %s", (why, kind) => {
    for (const error of [ofPool("ERR_WORKER_EXIT"), ofPool("ERR_UNKNOWN_TASK"), new Error()]) {
      expect(verdictOn(error, { why, reason: undefined }, "free", once).kind).toBe(kind);
    }
  });

  it.each([
    ["why", "The job was cancelled: why"],
    [new Error("why"), "The job was cancelled: why"],
    ["", "The job was cancelled"],
    [undefined, "The job was cancelled"],
    [new DOMException("This operation was aborted", "AbortError"), "The job was cancelled"],
  ])("a cancel for %s", (reason, message) => {
    const cancelled = { why: "cancelled", reason } as const;
    expect(verdictOn(reason, cancelled, "attempt", once)).toEqual({ kind: "fail-for-good", message });
  });

  it("free deaths are bounded by the starts that spent no attempt", () => {
    const kinds = Array.from({ length: FREE_STARTS + 2 }, (_, i) => {
      const starts = { attemptsStarted: 3 + i, attemptsMade: 2 };
      return verdictOn(ofPool("ERR_WORKER_EXIT"), undefined, "free", starts).kind;
    });
    expect(kinds).toEqual([...Array(FREE_STARTS).fill("again"), "fail", "fail"]);
    expect(verdictOn(ofPool("ERR_TASK_TIMEOUT"), undefined, "free", once).kind).toBe("fail");
  });

  it("waits for the worker where it may still run the call", () => {
    expect(mayRunOn(ofPool("ERR_TASK_TIMEOUT"), undefined)).toBe(true);
    expect(mayRunOn(ofPool("ERR_POOL_CLOSED"), undefined)).toBe(true);
    expect(mayRunOn(new Error("of the task"), { why: "late", reason: undefined })).toBe(true);
    expect(mayRunOn(new Error("of the task"), undefined)).toBe(false);
    expect(mayRunOn(ofPool("ERR_WORKER_EXIT"), undefined)).toBe(false);
  });

  it("delays grow to half a minute", () => {
    expect([1, 2, 3, 5, 6, 60].map(delayAfter)).toEqual([1_000, 2_000, 4_000, 16_000, 30_000, 30_000]);
  });
});

describe("what BullMQ is given", () => {
  it("an error as it is, but for one that says the job was moved", () => {
    const error = new TypeError("as it is");
    expect(asError(error)).toBe(error);
    const moved = Object.assign(new Error("later"), { name: "DelayedError" });
    expect(asError(moved)).toMatchObject({ name: "Error", message: "DelayedError: later", cause: moved });
  });

  it.each([
    [undefined, "Thrown: undefined"],
    [null, "Thrown: null"],
    ["text", "Thrown: text"],
    [{ a: 1 }, 'Thrown: {"a":1}'],
    [{ toJSON: () => JSON.parse("{") }, "Thrown: object"],
    [Symbol("s"), "Thrown: Symbol(s)"],
  ])("an error in the place of %s", (thrown, message) => {
    expect(asError(thrown)).toMatchObject({ name: "Error", message });
  });
});

describe("the lines on a death", () => {
  const death = { pid: 7, exitCode: null, signal: "SIGKILL", likelyCause: "memory", stderr: "a\nb\n" };
  it("pid, signal, cause and the last of stderr, which is there already when it is logged", () => {
    const first = "The worker (pid 7) ended by SIGKILL; memory";
    expect(deathLines(death, false)).toEqual([first, "the last of its stderr:", "a", "b"]);
    expect(deathLines(death, true)).toEqual([first]);
  });

  it("an exit code, and a message where nothing else is known", () => {
    const exit = { ...death, exitCode: 3, signal: null, likelyCause: "", stderr: "" };
    expect(deathLines(exit, false)).toEqual(["The worker (pid 7) ended with exit code 3"]);
    expect(deathLines(new Error("the protocol"), false)).toEqual(["the protocol"]);
  });
});
