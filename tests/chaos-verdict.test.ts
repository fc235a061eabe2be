/** Which errors `npm run chaos` excuses, by what has happened. */
import { describe, expect, it } from "vitest";
import { Journal } from "../tools/chaos/src/player/journal.ts";
import { type Facts, isExcused } from "../tools/chaos/src/player/verdict.ts";

describe("an error that is not the task's own", () => {
  const undisturbed: Facts = {
    abortReason: '"1 is not wanted"',
    wasAborted: false,
    timeout: undefined,
    queueTimeout: undefined,
    retries: 0,
    madeAt: 0,
    settledAt: 1_000,
    isMany: false,
    isChunked: false,
    overlaps: false,
    opensFile: false,
    beginsUnseen: false,
    maxQueue: undefined,
    before: 0,
    wasRefused: false,
    wasCutShort: false,
    isDeadly: false,
    isBarren: false,
    isLooping: false,
    traces: [],
  };
  const before = "start 0 50 98 \nend 0 50 99 \n";
  const traceOf = (lines: string) => [new Journal(before + lines).of("1")];
  const unstarted = traceOf("");
  const running = traceOf("start 1 50 100 \n");
  const ended = traceOf("start 1 50 100 \nend 1 50 110 \nstart 2 50 111 \n");
  const justEnded = traceOf("start 1 50 100 \nend 1 50 110 \n");
  /** The next task of its process began only some time after its end. */
  const held = traceOf("start 1 50 100 \nend 1 50 100 \nstart 2 50 118 \n");
  /** Its process may have begun it long before it had its turn. */
  const delayed = traceOf("start 1 50 300 \nend 1 50 310 \nstart 2 50 311 \n");

  it.each<[error: string, facts: Partial<Facts>, isRight: boolean]>([
    ['"1 is not wanted"', { wasAborted: true }, true],
    ['"1 is not wanted"', {}, false],
    ['"2 is not wanted"', { wasAborted: true }, false],
    ["ERR_TASK_TIMEOUT", { timeout: 50, traces: running }, true],
    ["ERR_TASK_TIMEOUT", { timeout: 50, traces: ended }, false],
    ["ERR_TASK_TIMEOUT", { timeout: 50, traces: unstarted }, false],
    ["ERR_TASK_TIMEOUT", { timeout: 3, traces: unstarted }, true],
    ["ERR_TASK_TIMEOUT", { timeout: 50, settledAt: 300, traces: justEnded }, true],
    ["ERR_TASK_TIMEOUT", { timeout: 50, settledAt: 300, traces: ended }, false],
    ["ERR_TASK_TIMEOUT", { timeout: 50, traces: justEnded }, false],
    ["ERR_TASK_TIMEOUT", { timeout: 990, traces: running }, false],
    ["ERR_TASK_TIMEOUT", { timeout: 210, traces: delayed }, true],
    ["ERR_TASK_TIMEOUT", { timeout: 10, overlaps: true, traces: held }, true],
    ["ERR_TASK_TIMEOUT", { timeout: 10, traces: held }, false],
    ["ERR_TASK_TIMEOUT", { timeout: 50, overlaps: true, traces: held }, false],
    ["ERR_TASK_TIMEOUT", { timeout: 250, traces: delayed }, false],
    ["ERR_TASK_TIMEOUT", { traces: running }, false],
    ["ERR_QUEUE_TIMEOUT", { queueTimeout: 50, traces: unstarted }, true],
    ["ERR_QUEUE_TIMEOUT", { queueTimeout: 50, traces: running }, false],
    ["ERR_QUEUE_TIMEOUT", { queueTimeout: 5_000, traces: unstarted }, false],
    ["ERR_QUEUE_FULL", { maxQueue: 2, before: 2, traces: unstarted }, true],
    ["ERR_QUEUE_FULL", { maxQueue: 2, before: 1, traces: unstarted }, false],
    ["ERR_POOL_CLOSED", { wasRefused: true, traces: unstarted }, true],
    ["ERR_POOL_CLOSED", { wasCutShort: true, traces: running }, true],
    ["ERR_POOL_CLOSED", { traces: running }, false],
    ["ERR_WORKER_EXIT", { isDeadly: true, traces: running }, true],
    ["ERR_WORKER_EXIT", { isDeadly: true, traces: justEnded }, true],
    ["ERR_WORKER_EXIT", { isDeadly: true, traces: ended }, false],
    ["ERR_WORKER_EXIT", { isDeadly: true, traces: unstarted }, false],
    ["ERR_WORKER_EXIT", { traces: running }, false],
    ["ERR_WORKER_START", { isBarren: true, traces: unstarted }, true],
    ["ERR_WORKER_START", { isBarren: true, traces: running }, false],
    ["ERR_CRASH_LOOP", { isBarren: true, traces: unstarted }, false],
    ["ERR_CRASH_LOOP", { isLooping: true, traces: unstarted }, true],
    ["EMFILE", { opensFile: true, isBarren: true }, true],
    ["EMFILE", { opensFile: true }, false],
    ["EMFILE", { isBarren: true }, false],
    ["TypeError(no)", { isDeadly: true, wasAborted: true, traces: running }, false],
  ])("%s with %j: %s", (error, facts, isRight) => {
    expect(isExcused(error, { ...undisturbed, ...facts })).toBe(isRight);
  });
});
