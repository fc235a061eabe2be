/**
 * Jobs and the death of whoever runs them: hosts as processes of their own, killed, frozen and asked to end. At least once,
 * never two at a time, none lost, and no process left.
 */
import { cancelJob } from "@reapool/bullmq";
import type { Job } from "bullmq";
import { describe, expect, it, onTestFailed, vi } from "vitest";
import type { HostConfig } from "../fixtures/queue-host.ts";
import { name } from "../support/adapter.ts";
import { type Host, programArguments, startProgram } from "../support/host.ts";
import { alive, until } from "../support/processes.ts";
import { KINDS, type Note, queueScene, reasonOf } from "../support/queue.ts";
import { isWhole } from "../support/selection.ts";

/** A host that is starved for half of its lock may lose it: so long is none. */
const LONG = { lockDuration: 30_000, stalledInterval: 1_000 };
/** Of a host that loses its locks: sooner taken over, and what that costs is in docs/queues.md. */
const QUICK = { lockDuration: 10_000 };

describe.each(KINDS)(`hosts on ${name} and %s`, (kind) => {
  const scene = queueScene(kind);
  const test = it.skipIf(reasonOf(kind) !== "");
  /** It takes its time, and the engine has little part in it. */
  const slow = it.skipIf(reasonOf(kind) !== "" || (!isWhole && kind === "postgres"));

  async function start(config: Partial<HostConfig> = {}): Promise<Host> {
    const all: HostConfig = {
      kind,
      url: scene.engine.url,
      queue: scene.queue.name,
      ...config,
      options: { ...LONG, ...config.options },
    };
    const host = startProgram(programArguments("queue-host.ts", JSON.stringify(all)));
    await host.said("ready");
    onTestFailed(async () => console.log((await host.ended).output));
    return host;
  }

  const kill = ({ process: { pid } }: Host, signal: NodeJS.Signals) => process.kill(pid as number, signal);

  const end = async (...hosts: readonly Host[]): Promise<void> => {
    for (const host of hosts) kill(host, "SIGTERM");
    for (const { ended } of hosts) expect(await ended).toMatchObject({ code: 0 });
  };

  /** When they begin: those that are noted, in their order. */
  const begun = (count: number): Promise<readonly Note[]> =>
    vi.waitUntil(
      () => {
        const starts = scene.notes().filter(({ what }) => what === "start");
        return starts.length >= count ? starts : undefined;
      },
      { timeout: 60_000, interval: 20 },
    ) as Promise<readonly Note[]>;

  /** On a busy machine its host may just have lost its lock: then it runs again soon. */
  const cancelled = (job: Job) =>
    vi.waitUntil(() => cancelJob(scene.queue, job.id as string), { timeout: 40_000, interval: 100 });

  const add = (task: string, data: object = {}, options = {}): Promise<Job> =>
    scene.queue.add(task, { id: 1, file: scene.file, ...data }, options);

  test(`cancels an endless loop of another process: its own ends with it${reasonOf(kind)}`, async () => {
    const job = await add("spin", {}, { attempts: 3 });
    const host = await start();
    const [first] = await begun(1);
    expect(await cancelJob(scene.queue, job.id as string, { reason: "enough" })).toBe(true);
    expect(alive([first?.pid as number])).toEqual([]);
    const failed = await scene.inState(job, "failed");
    expect(failed).toMatchObject({ attemptsMade: 1, failedReason: "The job was cancelled: enough" });
    await end(host);
  });

  test("when a host is killed, another takes its jobs over, and their processes are dead by then", async () => {
    const jobs = [await add("spin", { id: 1 }), await add("spin", { id: 2 })];
    const first = await start({ pool: { maxWorkers: 2 }, options: QUICK });
    const before = await begun(2);
    kill(first, "SIGKILL");
    const pids = before.map(({ pid }) => pid);
    await until(() => alive(pids).length === 0);
    const dead = Date.now();
    const second = await start();
    const after = (await begun(4)).slice(2);
    expect(after.map(({ id }) => id).sort()).toEqual([1, 2]);
    for (const { at } of after) expect(at).toBeGreaterThanOrEqual(dead);
    for (const job of jobs) {
      await cancelled(job);
      expect((await scene.inState(job, "failed")).attemptsMade).toBe(1); // the death cost none
    }
    await end(second);
  });

  test("SIGTERM with a deadline: what is done by then is done, the rest goes back unspent and dead", async () => {
    const short = await add("work", { id: 1, ms: 1_000 });
    const long = await add("spin", { id: 2 }, { attempts: 1 });
    const host = await start({ closeTimeout: 15_000 });
    const pids = (await begun(2)).map(({ pid }) => pid);
    kill(host, "SIGTERM");
    const took = Number(await host.said("closed"));
    expect(took).toBeLessThan(30_000); // without the deadline never
    expect(await host.ended).toMatchObject({ code: 0 });
    expect(alive(pids)).toEqual([]);
    expect(await short.getState()).toBe("completed");
    expect(await long.getState()).toBe("waiting");
    expect((await scene.queue.getJob(long.id as string))?.attemptsMade).toBe(0);
  });

  slow.each([
    ["on, until its host learns that it has lost it", {}, 1],
    ["not with a lease: its process is dead before another host has the job", { lease: 2_000 }, 0],
  ])("the host is frozen and its job taken over; it goes %s", async (_what, worker, left) => {
    const job = await add("spin");
    // Its lock is renewed at half, and a lease is less than that.
    const host = await start({ pool: { maxWorkers: 1, worker }, options: QUICK });
    const [first] = await begun(1);
    kill(host, "SIGSTOP");
    const second = await start();
    const [, next] = await begun(2);
    expect(next?.pid).not.toBe(first?.pid);
    expect(alive([first?.pid as number])).toHaveLength(left);
    kill(host, "SIGCONT");
    await until(() => alive([first?.pid as number]).length === 0);
    await cancelled(job);
    expect((await scene.inState(job, "failed")).failedReason).toBe("The job was cancelled");
    await end(host, second);
  });

  test("jobs by the hundred, workers killed at random: each is done, none twice at a time", async () => {
    const count = 500;
    const jobs = Array.from({ length: count }, (_, id) => ({
      name: "work",
      data: { id, file: scene.file, ms: 20 },
      opts: { attempts: 100, removeOnComplete: false },
    }));
    const hosts = await Promise.all([start(), start()]);
    await scene.queue.addBulk(jobs);
    let kills = 0;
    await vi.waitUntil(
      async () => {
        const [pid] = alive(
          scene
            .notes()
            .slice(-4)
            .map((note) => note.pid),
        );
        if (pid !== undefined && kills < 8 && Math.random() < 0.5) {
          process.kill(pid, "SIGKILL");
          kills++;
        }
        const { completed = 0, failed = 0 } = await scene.queue.getJobCounts("completed", "failed");
        return completed + failed === count;
      },
      { timeout: 150_000, interval: 150 },
    );
    expect(kills).toBeGreaterThan(2);
    expect(await scene.queue.getJobCounts()).toMatchObject({
      completed: count,
      failed: 0,
      active: 0,
      waiting: 0,
    });
    const notes = scene.notes();
    expect(new Set(notes.filter(({ what }) => what === "end").map(({ id }) => id)).size).toBe(count);
    expect(overlaps(notes)).toEqual([]);
    await end(...hosts);
    expect(alive([...new Set(notes.map(({ pid }) => pid))])).toEqual([]);
  });
});

/** Jobs that began in a process while the one that began them before had not ended, and was not dead: none may. */
function overlaps(notes: readonly Note[]): number[] {
  const running = new Map<number, number>();
  const found: number[] = [];
  for (const { what, id, pid } of notes) {
    const before = running.get(id);
    if (what === "start" && before !== undefined && alive([before]).length > 0) found.push(id);
    if (what === "start") running.set(id, pid);
    else running.delete(id);
  }
  return found;
}
