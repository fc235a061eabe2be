/** Progress and logs: written in order, bounded, and never anybody's failure. */
import { Job } from "bullmq";
import { afterEach, describe, expect, it, vi } from "vitest";
import { JobLog } from "../src/job-log.ts";
import { Progress } from "../src/progress.ts";

afterEach(() => {
  vi.restoreAllMocks();
});

/** A job of an engine that answers when it is told to. */
function slowJob() {
  const written: unknown[] = [];
  const answers: ((error?: Error) => void)[] = [];
  const write = (value: unknown) =>
    new Promise<void>((resolve, reject) => {
      written.push(value);
      answers.push((error) => (error === undefined ? resolve() : reject(error)));
    });
  const settle = async (error?: Error) => {
    answers.shift()?.(error);
    await new Promise((resolve) => setImmediate(resolve));
  };
  return { written, settle, write, job: { id: "1", opts: {}, updateProgress: write } as never };
}

describe("progress", () => {
  it("is written one at a time, and of what came meanwhile the last", async () => {
    const { written, settle, job } = slowJob();
    const progress = new Progress(job, () => {});
    for (const value of [1, 2, 3, undefined, 4]) progress.set(value);
    expect(written).toEqual([1]);
    await settle();
    expect(written).toEqual([1, 4]);
    let isWritten = false;
    void progress.written?.then(() => {
      isWritten = true;
    });
    await settle();
    expect(isWritten).toBe(true);
    progress.set(undefined);
    expect(written).toEqual([1, 4, null]);
  });

  it("goes on after an error of the engine", async () => {
    const { written, settle, job } = slowJob();
    const errors: unknown[] = [];
    const progress = new Progress(job, (error) => errors.push(error));
    progress.set(1);
    progress.set(2);
    await settle(new Error("no engine"));
    await settle();
    expect([written, errors]).toEqual([[1, 2], [new Error("no engine")]]);
  });
});

describe("a log", () => {
  const bytes = (text: string) => new TextEncoder().encode(text);
  const answer = async (line: string, written: string[]) => written.push(line);

  it("gets lines, whatever pieces they come in, for each stream", async () => {
    const written: string[] = [];
    vi.spyOn(Job, "addJobLog").mockImplementation((_queue, _id, line) => answer(line, written));
    const { job } = slowJob();
    const log = new JobLog({} as never, job, 10, () => {});
    const umlaut = bytes("zwölf\r\nend");
    log.output("stdout", umlaut.subarray(0, 3)); // in the middle of a letter
    log.output("stderr", bytes("other\n"));
    log.output("stdout", umlaut.subarray(3));
    await log.finish();
    expect(written).toEqual(["other", "zwölf", "end"]);
  });

  it("is bounded: lines are cut, and what comes faster than it is written is counted", async () => {
    const written: string[] = [];
    vi.spyOn(Job, "addJobLog").mockImplementation((_queue, _id, line) => answer(line, written));
    const { job } = slowJob();
    const log = new JobLog({} as never, job, 10, () => {});
    log.output("stdout", bytes("x".repeat(10_000)));
    log.output("stdout", bytes("\n".repeat(3_000)));
    await log.finish();
    expect(written[0]).toBe(`${"x".repeat(4_000)}…`);
    expect(written.length).toBeLessThanOrEqual(1_003);
    expect(written.at(-1)).toMatch(/^\(\d+ lines left out/);
  });

  it("gives up what waits when the engine refuses a line, and tells it once", async () => {
    const add = vi.spyOn(Job, "addJobLog").mockRejectedValue(new Error("no engine"));
    const errors: unknown[] = [];
    const { job } = slowJob();
    const log = new JobLog({} as never, job, 10, (error) => errors.push(error));
    log.output("stdout", bytes("a\nb\nc\n"));
    await log.finish();
    expect([add.mock.calls.length, errors.length]).toEqual([1, 1]);
  });
});
