/** What a queue worker makes of its options. */
import { afterEach, describe, expect, test } from "vitest";
import { type QueueWorkerOptions, resolveOptions } from "../src/options.ts";

const connection = { host: "127.0.0.1", port: 6_379 };
const resolve = (options: object) => resolveOptions({ connection, ...options } as QueueWorkerOptions, 3);

describe("options", () => {
  test("have defaults, and BullMQ's own are passed on", () => {
    expect(resolve({ concurrency: 7, lockDuration: 9_000, drainDelay: 1 })).toMatchObject({
      deaths: "attempt",
      logs: false,
      keepLogs: 1_000,
      remoteCancel: true,
      connectTimeout: 10_000,
      followsPool: false,
      worker: {
        connection,
        concurrency: 7,
        lockDuration: 9_000,
        stalledInterval: 10_000,
        maxStalledCount: 10,
        drainDelay: 1,
      },
    });
  });

  test("take the pool's capacity for the concurrency", () => {
    expect(resolve({})).toMatchObject({ followsPool: true, worker: { concurrency: 3 } });
  });

  test.each([
    ["an object", "options", () => resolveOptions(null as never, 1)],
    ["a connection", "connection", () => resolveOptions({} as never, 1)],
    ["a function", "task", () => resolve({ task: "resize" })],
    ["a function", "args", () => resolve({ args: [1] })],
    ["a number", "timeout", () => resolve({ timeout: "1s" })],
    ["more than 0", "timeout", () => resolve({ timeout: 0 })],
    ["one of two", "deaths", () => resolve({ deaths: "retry" })],
    ["a boolean", "logs", () => resolve({ logs: "yes" })],
    ["an integer", "keepLogs", () => resolve({ keepLogs: 0.5 })],
    ["a number", "connectTimeout", () => resolve({ connectTimeout: null })],
    ["the pool's", "useWorkerThreads", () => resolve({ useWorkerThreads: true })],
  ])("must be %s: `%s` is named otherwise", (_, name, run) => {
    expect(run).toThrow(`\`${name}\``);
  });
});

describe("what something has put on Object.prototype", () => {
  const polluted = Object.prototype as Record<string, unknown>;
  const poison = {
    deaths: "free",
    logs: true,
    keepLogs: -1,
    task: () => "eval",
    args: () => ["x"],
    backend: 5,
    timeout: -1,
    workerForkOptions: {},
  };
  afterEach(() => {
    for (const name of Object.keys(poison)) delete polluted[name];
  });

  test("is no option", () => {
    Object.assign(polluted, poison);
    const resolved = resolve({});
    expect(resolved).toMatchObject({ deaths: "attempt", logs: false, keepLogs: 1_000 });
    expect(resolved.backend).toBe(undefined);
    const job = { name: "resize", data: 1 } as never;
    expect([resolved.task(job), resolved.args(job), resolved.timeout(job)]).toEqual([
      "resize",
      [1],
      undefined,
    ]);
  });
});
