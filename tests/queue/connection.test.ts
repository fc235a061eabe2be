/** The engine that is not there, not the right one, or gone in the middle: a clear error in time, and nothing that hangs. */
import { once } from "node:events";
import { createServer, type Socket } from "node:net";
import { createQueueWorker, type QueueWorker } from "@reapool/bullmq";
import type { Pool } from "@reapool/core";
import { afterAll, afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { HostConfig } from "../fixtures/queue-host.ts";
import { adapter, name } from "../support/adapter.ts";
import { programArguments, startProgram } from "../support/host.ts";
import { KINDS, queueScene, reasonOf } from "../support/queue.ts";
import { connectionOf } from "../support/queue-connection.ts";

/** In ms, of what ends in a few seconds: the fault would be that it hangs. */
const PATIENCE_MS = 30_000;
/** Long enough for an engine that is there to say what is wrong, also where the machine is busy. */
const CONNECT_MS = 3_000;

/** One for each test. */
let pool: Pool;
beforeEach(() => {
  const module = new URL("../fixtures/queue-work.ts", import.meta.url);
  pool = adapter.createPool(module, { maxWorkers: 2, killTimeout: 200 }) as unknown as Pool;
});
const open: QueueWorker[] = [];
afterEach(async () => {
  for (const queue of open.splice(0)) await queue.close({ timeout: 1_000 });
  await pool.close({ timeout: 1_000 });
});

/** Takes connections and says nothing. */
const sockets = new Set<Socket>();
const mute = createServer((socket) => void sockets.add(socket.on("error", () => {})));
afterAll(() => {
  for (const socket of sockets) socket.destroy();
  mute.close();
});

describe.each(KINDS)(`the engine of ${name}: %s`, (kind) => {
  const scene = queueScene(kind);
  const test = it.skipIf(reasonOf(kind) !== "");

  function start(url: string, options: object = {}): QueueWorker {
    const all = { ...connectionOf(kind, url), drainDelay: 1, connectTimeout: CONNECT_MS, ...options };
    const queue = createQueueWorker(scene.queue.name, pool, all as never);
    open.push(queue);
    return queue;
  }

  async function wrong(what: string): Promise<string> {
    const url = new URL(scene.engine.url);
    if (what === "nobody there") url.port = "1";
    if (what === "a wrong password") url.password = "wrong";
    if (what === "no such host") url.hostname = "no-such-host.invalid";
    if (what === "nothing said") {
      if (!mute.listening) await once(mute.listen(0, "127.0.0.1"), "listening");
      url.port = String((mute.address() as { port: number }).port);
    }
    return url.href;
  }

  test.each(["nobody there", "a wrong password", "no such host", "nothing said"])(
    `%s: ready() rejects and says so, close() ends${reasonOf(kind)}`,
    async (what) => {
      const queue = start(await wrong(what));
      queue.worker.on("error", () => {});
      const from = performance.now();
      const error = await queue.ready().catch((thrown: Error) => thrown);
      expect(performance.now() - from).toBeLessThan(PATIENCE_MS);
      expect((error as Error).message).toMatch(
        /^The engine of queue test-\d+ (?:does not take this host|is not ready after 3000 ms \(connectTimeout\)): .+; is `connection` right\?$/,
      );
      expect((error as Error).message).toMatch(
        { "nobody there": /ECONNREFUSED/, "a wrong password": /pass/i, "no such host": /no-such-host/ }[
          what
        ] ?? /said nothing|timeout/,
      );
      const closing = performance.now();
      await queue.close({ timeout: 2_000 });
      expect(performance.now() - closing).toBeLessThan(PATIENCE_MS);
    },
  );

  test("an error that nobody listens to ends no host: it is printed, and the host goes on", async () => {
    const config: HostConfig = {
      kind,
      url: await wrong("nobody there"),
      queue: scene.queue.name,
      options: { connectTimeout: CONNECT_MS },
      isStrict: true,
    };
    const host = startProgram(programArguments("queue-host.ts", JSON.stringify(config)));
    expect(await host.said("not ready")).toMatch(/ECONNREFUSED/);
    const { code, signal } = await host.ended; // by itself: nothing is left that would keep it alive
    expect([code, signal]).toEqual([7, null]);

    const printed = vi.spyOn(console, "error").mockImplementation(() => {});
    const queue = start(config.url);
    await queue.ready().catch(() => {});
    await vi.waitUntil(() => printed.mock.calls.length > 0, { timeout: 10_000 });
    const lines = printed.mock.calls.map(([line]) => String(line));
    printed.mockRestore();
    expect(lines[0]).toMatch(/^queue test-\d+: .*ECONNREFUSED/);
    expect(new Set(lines).size).toBe(lines.length); // each once
  });

  test("restarted in the middle, and gone for good at the end", async () => {
    const queue = start(scene.engine.url, { connectTimeout: PATIENCE_MS });
    const errors: Error[] = [];
    queue.worker.on("error", (error) => errors.push(error));
    await queue.ready();
    const running = await scene.queue.add("work", { ms: 2_500 }, { attempts: 1 });
    await scene.inState(running, "active");
    await scene.engine.halt();
    await new Promise((resolve) => setTimeout(resolve, 500));
    await scene.engine.resume();
    const back = () => vi.waitUntil(() => running.getState().catch(() => undefined), { timeout: 30_000 });
    await back();
    expect((await scene.inState(running, "completed")).attemptsMade).toBe(1);
    await scene.inState(await scene.queue.add("work", {}), "completed");

    await scene.inState(await scene.queue.add("spin", {}), "active");
    await vi.waitUntil(() => pool.stats().running === 1, { timeout: 10_000 });
    await scene.engine.halt();
    const from = performance.now();
    await queue.close({ timeout: 3_000 });
    expect(performance.now() - from).toBeLessThan(PATIENCE_MS);
    await vi.waitUntil(() => pool.stats().running === 0, { timeout: 10_000 }); // its time was over
    await scene.engine.resume();
    expect(errors.length).toBeGreaterThan(0);
  });
});

describe("createQueueWorker", () => {
  const connection = { host: "127.0.0.1", port: 1 };
  it.each([
    ["no connection", {}, /Expected `connection` to be Redis/],
    [
      "an unknown way of deaths",
      { connection, deaths: "never" },
      /Expected `deaths` to be "attempt" or "free"/,
    ],
    [
      "a task that is no function",
      { connection, task: "work" },
      /Expected `task` to be a function, received "work"/,
    ],
    ["no time at all", { connection, timeout: 0 }, /Expected `timeout` to be more than 0 ms, received 0/],
    [
      "BullMQ's own sandbox",
      { connection, useWorkerThreads: true },
      /`useWorkerThreads` belongs to BullMQ's own/,
    ],
  ])("refuses %s", (_what, options, message) => {
    expect(() => createQueueWorker("q", pool, options as never)).toThrow(message);
  });
});
