/** A worker process dies, grows or grows old. */
import { pause } from "@reapool/measuring/numbers";
import { killMarked } from "../marked.ts";
import { readMemory } from "./look.ts";
import { counted, type Outcome, type Row, seconds, shorten } from "./row.ts";
import type { Stage } from "./stage.ts";

const MB = 2 ** 20;
const MOST = 250 * MB;
const WANTED = 800 * MB;
const GONE_MS = 1_200;

export const killedWorker: Row = {
  title: "Worker SIGKILLed in a job, `attempts: 2`",
  async play(stage: Stage): Promise<Outcome> {
    await stage.startHost();
    await stage.add("brief", "a", { ms: 1_500 }, { attempts: 2 });
    const { pid } = await stage.untilStarted("a");
    killMarked(pid);
    const begun = performance.now();
    const again = await stage.untilStarted("a", 2);
    const took = performance.now() - begun;
    await stage.untilState("a", ["completed", "failed"], 20_000);
    const { state, failures } = await stage.look("a");
    return {
      text:
        `begins again after ${seconds(took)} in ${again.pid === pid ? "the same" : "another"} process, then ${state}; ` +
        `of the first: ${shorten(failures[0] ?? "nothing")}`,
      isGood: state === "completed",
    };
  },
};

export const killedParent: Row = {
  title: "Worker SIGKILLed in a job that has started a process",
  async play(stage: Stage): Promise<Outcome> {
    await stage.startHost();
    await stage.add("start", "a", { ms: 60_000 });
    const { pid } = await stage.untilStarted("a");
    await stage.until(() => stage.left("sleep 60").length > 0);
    killMarked(pid);
    await stage.untilState("a", ["failed"], 10_000);
    await pause(GONE_MS);
    const { length } = stage.left("sleep 60");
    return { text: `${counted(length, "process", "processes")} left`, isGood: length === 0 };
  },
};

export const growingWorker: Row = {
  title: `Job that takes ${WANTED / MB} MB outside of the heap, limit ${MOST / MB} MB`,
  async play(stage: Stage): Promise<Outcome> {
    await stage.startHost({ memory: MOST });
    await stage.add("grow", "a", { bytes: WANTED });
    const { pid } = await stage.untilStarted("a");
    let peak = 0;
    let isOver = false;
    const watch = (async () => {
      for (; !isOver; await pause(20)) peak = Math.max(peak, readMemory(pid) ?? 0);
    })();
    await stage.untilState("a", ["completed", "failed"], 30_000);
    isOver = true;
    await watch;
    const { state, reason } = await stage.look("a");
    return {
      text: `grew to ${Math.round(peak / MB)} MB, job ${state}${reason === undefined ? "" : `: ${shorten(reason)}`}`,
      isGood: state === "failed" && peak < WANTED,
    };
  },
};

const JOBS = 6;
const JOBS_EACH = 2;

export const recycledWorker: Row = {
  title: `A new process after ${JOBS_EACH} jobs, for leaks; ${JOBS} jobs`,
  async play(stage: Stage): Promise<Outcome> {
    await stage.startHost({ tasksPerProcess: JOBS_EACH }, 1);
    for (let i = 0; i < JOBS; i++) await stage.add("brief", `${i}`, { ms: 10 });
    for (let i = 0; i < JOBS; i++) await stage.untilState(`${i}`, ["completed", "failed"], 30_000);
    const { size } = new Set(stage.runs.map(({ pid }) => pid));
    return {
      text: `${counted(size, "process", "processes")}${stage.side === "pool" ? "" : "; there is no such option"}`,
      isGood: size === JOBS / JOBS_EACH,
    };
  },
};

const EMPTY_JOBS = 1_000;
const WARM_JOBS = 50;

export const speed: Row = {
  title: `No fault: ${EMPTY_JOBS} jobs that do nothing, two processes`,
  async play(stage: Stage): Promise<Outcome> {
    await stage.startHost();
    await run(stage, WARM_JOBS);
    const ms = await run(stage, EMPTY_JOBS);
    return { text: `${Math.round((EMPTY_JOBS / ms) * 1_000)} jobs a second`, isGood: true };
  },
};

async function run({ queue }: Stage, count: number): Promise<number> {
  const { completed: before = 0 } = await queue.getJobCounts("completed");
  const begun = performance.now();
  await queue.addBulk(Array.from({ length: count }, () => ({ name: "nothing", data: {} })));
  for (;;) {
    const { completed = 0 } = await queue.getJobCounts("completed");
    if (completed >= before + count) return performance.now() - begun;
    await pause(10);
  }
}
