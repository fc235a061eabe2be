/** What becomes of a job, on both engines: its result, its progress and its log, and each way in which it can fail. */
import { type AnyJob, cancelJob, createQueueWorker, type QueueWorker } from "@reapool/bullmq";
import type { Pool } from "@reapool/core";
import type { Job, JobsOptions } from "bullmq";
import { afterEach, describe, expect, it, vi } from "vitest";
import { adapter, name } from "../support/adapter.ts";
import { stateOf } from "../support/processes.ts";
import { KINDS, queueScene, reasonOf } from "../support/queue.ts";

type PoolOptions = Parameters<typeof adapter.createPool>[1];

describe.each(KINDS)(`a job on ${name} and %s`, (kind) => {
  const scene = queueScene(kind);
  const test = it.skipIf(reasonOf(kind) !== "");
  const close: (() => Promise<void>)[] = [];
  afterEach(async () => {
    for (const end of close.splice(0)) await end();
  });

  function poolOf(options: PoolOptions = {}): Pool {
    const module = new URL("../fixtures/queue-work.ts", import.meta.url);
    const pool = adapter.createPool(module, {
      maxWorkers: 2,
      killTimeout: 200,
      ...options,
    }) as unknown as Pool;
    close.push(() => pool.close({ timeout: 1_000 }));
    return pool;
  }

  function start(options: object = {}, pool = poolOf()): QueueWorker {
    const all = { ...scene.connection(), drainDelay: 1, ...options };
    const queue = createQueueWorker(scene.queue.name, pool, all as never);
    queue.worker.on("error", () => {});
    close.unshift(() => queue.close({ timeout: 5_000 }));
    return queue;
  }

  const add = (task: string, data: object = {}, options: JobsOptions = {}): Promise<Job> =>
    scene.queue.add(task, data, options);

  test(`runs the task it is named after with its data, and has its result${reasonOf(kind)}`, async () => {
    const job = await add("work", { ms: 1 });
    start();
    const done = await scene.inState(job, "completed");
    expect(done.returnvalue).toBeGreaterThan(1);
    expect(done.returnvalue).not.toBe(process.pid);
  });

  test("task, args and timeout are what the options make of it", async () => {
    const job = await add("anything", { count: 3, ms: 20_000 });
    start({
      task: ({ data }: AnyJob) => (data.count === 3 ? "report" : "spin"),
      args: ({ data }: AnyJob) => [{ count: data.count + 1 }],
      timeout: ({ data }: AnyJob) => data.ms,
    });
    expect((await scene.inState(job, "completed")).returnvalue).toBe(4);
    const late = await add("anything", { ms: 300 });
    expect((await scene.inState(late, "failed")).failedReason).toMatch(/longer than its timeout of 300 ms/);
  });

  test("what a task emits becomes its progress: in order, the last for certain", async () => {
    const { worker } = start();
    const seen: number[] = [];
    worker.on("progress", (_job, value) => seen.push(value as number));
    const job = await add("report", { count: 2_000 });
    expect((await scene.inState(job, "completed")).progress).toBe(2_000);
    expect(seen.at(-1)).toBe(2_000);
    expect(seen).toEqual([...seen].sort((a, b) => a - b));
    expect(seen.length).toBeLessThan(2_000); // of those that came while another was written, one
  });

  test("what a task writes becomes the job's log, line by line, as many as it keeps", async () => {
    start({ logs: true, keepLogs: 3 }, poolOf({ worker: { stdout: "ignore", stderr: "ignore" } }));
    const job = await add("print", { lines: ["one", "zwölf", "", "x".repeat(5_000)] });
    await scene.inState(job, "completed");
    const { logs } = await scene.queue.getJobLogs(job.id as string);
    expect(logs).toHaveLength(3);
    const all = await add("print", { lines: ["one", "zwölf"] }, { keepLogs: 10 });
    await scene.inState(all, "completed");
    const kept = (await scene.queue.getJobLogs(all.id as string)).logs;
    expect(kept.filter((line) => line !== "to stderr")).toEqual(["one", "zwölf"]);
    expect(kept).toContain("to stderr");
  });

  test("a task that throws spends attempts, whatever it throws; one that says it was moved was not", async () => {
    start();
    const thrown = ["nothing", "a string", "Error", "DelayedError", "WaitingError"];
    const jobs = await Promise.all(thrown.map((what) => add("fail", { what }, { attempts: 2 })));
    for (const job of jobs) expect((await scene.inState(job, "failed")).attemptsMade).toBe(2);
    const once = await add("fail", { what: "UnrecoverableError" }, { attempts: 2 });
    expect((await scene.inState(once, "failed")).attemptsMade).toBe(1);
  });

  test("what would fail again in the same way is not retried", async () => {
    start();
    const names = ["no-such-task", "unsendable", "cyclic", "big"];
    const jobs = await Promise.all(names.map((task) => add(task, {}, { attempts: 3 })));
    const failed = await Promise.all(jobs.map((job) => scene.inState(job, "failed")));
    expect(failed.map(({ attemptsMade }) => attemptsMade)).toEqual([1, 1, 1, 1]);
    expect(failed[0]?.failedReason).toMatch(/has no task `no-such-task`/);
    expect(failed[1]?.failedReason).toMatch(/Cannot send `result`/);
    expect(failed[2]?.failedReason).toMatch(/can't be a job's/);
  });

  test("a worker's death spends an attempt; the job's log has its last words", async () => {
    start();
    const job = await add("die", {}, { attempts: 2 });
    const failed = await scene.inState(job, "failed");
    expect([failed.attemptsMade, failed.failedReason]).toEqual([2, expect.stringMatching(/SIGKILL.*`die`/)]);
    const { logs } = await scene.queue.getJobLogs(job.id as string);
    expect(logs.filter((line) => /pid \d+\) ended by SIGKILL; \w/.test(line))).toHaveLength(2);
    expect(logs).toContain("last words");
  });

  test("with deaths: free it spends none, but not for ever", async () => {
    start({ deaths: "free", args: (job: AnyJob) => [{ ...job.data, starts: job.attemptsStarted }] });
    const some = await add("dieFirst", { times: 3 });
    const done = await scene.inState(some, "completed");
    expect([done.returnvalue, done.attemptsMade, done.attemptsStarted]).toEqual(["survived", 1, 3]);
    const always = await add("dieFirst", { times: 100 });
    const failed = await scene.inState(always, "failed");
    expect([failed.attemptsMade, failed.attemptsStarted]).toEqual([1, 6]);
  });

  test("a pool that can't run it costs no attempt: failed starts, a full queue, a closed pool", async () => {
    const broken = adapter.createPool(new URL("./missing.ts", import.meta.url)) as unknown as Pool;
    close.push(() => broken.close());
    const queue = start({}, broken);
    const job = await add("work", {}, { attempts: 1 });
    const delayed = await scene.inState(job, "delayed");
    expect([delayed.attemptsMade, delayed.failedReason]).toEqual([0, undefined]);
    await queue.close();
    const pool = poolOf({ maxWorkers: 1, maxQueue: 0 });
    const full = start({ concurrency: 2 }, pool);
    const jobs = [await add("work", { ms: 500 }), await add("work", { ms: 500 }), job];
    for (const each of jobs) expect((await scene.inState(each, "completed")).attemptsMade).toBe(1);
    await full.close();
    await pool.close();
    const { worker } = start({}, pool);
    const waiting = await add("work");
    await vi.waitUntil(() => worker.isPaused(), { timeout: 10_000 }); // others take them
    await scene.inState(waiting, "waiting");
    start();
    expect((await scene.inState(waiting, "completed")).attemptsMade).toBe(1);
  });

  test("a cancel ends an endless loop with its process, and one that listens without; neither is retried", async () => {
    const pool = poolOf({ killTimeout: 5_000 });
    const { worker } = start({}, pool);
    const pids: number[] = [];
    for (const task of ["spin", "listen"]) {
      const job = await add(task, { id: 1, file: scene.file }, { attempts: 3 });
      await vi.waitUntil(() => started(task === "spin" ? 1 : 2), { timeout: 20_000, interval: 20 });
      pids.push(scene.notes().at(-1)?.pid as number);
      if (task === "spin") expect(worker.cancelJob(job.id as string, "nobody wants it")).toBe(true);
      else expect(await cancelJob(scene.queue, job.id as string, { reason: "nobody wants it" })).toBe(true);
      const failed = await scene.inState(job, "failed");
      expect(failed).toMatchObject({
        attemptsMade: 1,
        failedReason: "The job was cancelled: nobody wants it",
      });
      // A job that has failed is nowhere any more.
      if (task === "spin") expect(stateOf(pids[0] as number)).toBe(undefined);
    }
    expect(pool.workers.map(({ pid }) => pid)).toContain(pids[1]);
    const waiting = await add("work", {}, { delay: 60_000 });
    expect(await cancelJob(scene.queue, waiting.id as string)).toBe(false);
  });

  const started = (count: number): boolean =>
    scene.notes().filter(({ what }) => what === "start").length >= count;
});
