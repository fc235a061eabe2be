/** A job does not end, or is to be stopped. */
import { counted, type Outcome, type Row, seconds, shorten } from "./row.ts";
import type { Stage } from "./stage.ts";

const PATIENCE_MS = 4_000;
const TIMEOUT_MS = 1_000;
/** A process that is killed may be there a moment longer than its job. */
const GONE_MS = 500;

export const cancelledLoop: Row = {
  title: "Job cancelled in an endless loop",
  async play(stage: Stage): Promise<Outcome> {
    const host = await stage.startHost();
    await stage.add("compute", "a");
    const { pid } = await stage.untilStarted("a");
    host.tell("cancel", "job-a");
    const { value } = await host.message("answer");
    return afterStop(stage, pid, `\`cancelJob\` returns ${value}`);
  },
};

export const timedOutLoop: Row = {
  title: `Time limit of ${TIMEOUT_MS / 1_000} s, an endless loop`,
  async play(stage: Stage): Promise<Outcome> {
    await stage.startHost({ timeout: TIMEOUT_MS });
    await stage.add("compute", "a");
    const { pid } = await stage.untilStarted("a");
    return afterStop(stage, pid, stage.side === "pool" ? "" : "there is no such option");
  },
};

/** What has become of a job that was to stop. */
async function afterStop(stage: Stage, pid: number, before: string): Promise<Outcome> {
  const took = await stage.untilState("a", ["failed", "completed"], PATIENCE_MS);
  if (took === undefined) {
    const [computes] = await stage.computing([pid]);
    const { state } = await stage.look("a");
    const process = computes === undefined ? "its process rests" : "its process computes on";
    return {
      text: parts(before, `${seconds(PATIENCE_MS)} later the job is ${state}, ${process}`),
      isGood: false,
    };
  }
  await stage.until(() => !stage.isAlive(pid), GONE_MS).catch(() => {});
  const isThere = stage.isAlive(pid);
  const { state } = await stage.look("a");
  return {
    text: parts(before, `job ${state} after ${seconds(took)}, process ${isThere ? "there" : "dead"}`),
    isGood: state === "failed" && !isThere,
  };
}

const parts = (...texts: readonly string[]) => texts.filter((text) => text !== "").join("; ");

export const cancelledListener: Row = {
  title: "Job cancelled that listens to its signal",
  async play(stage: Stage): Promise<Outcome> {
    const host = await stage.startHost({}, 1);
    await stage.add("listen", "a", { ms: 60_000 });
    const { pid } = await stage.untilStarted("a");
    host.tell("cancel", "job-a");
    const took = await stage.untilState("a", ["failed"], PATIENCE_MS);
    await stage.add("brief", "b", { ms: 10 });
    const next = await stage.untilStarted("b");
    const which = next.pid === pid ? "same" : "another";
    return {
      text: `job ${took === undefined ? "goes on" : `failed after ${seconds(took)}`}, the ${which} process takes the next`,
      isGood: took !== undefined,
    };
  },
};

const BROKEN_MS = 2_500;

export const brokenModule: Row = {
  title: `Module that can't be imported for ${BROKEN_MS / 1_000} s, \`attempts: 3\``,
  async play(stage: Stage): Promise<Outcome> {
    stage.breakModule();
    await stage.startHost();
    await stage.add("brief", "a", { ms: 10 }, { attempts: 3 });
    const failedAfter = await stage.untilState("a", ["failed", "completed"], BROKEN_MS);
    const { attemptsMade: spent } = await stage.look("a");
    stage.repairModule();
    const took = await stage.untilState("a", ["completed", "failed"], 30_000);
    const { state, reason } = await stage.look("a");
    return {
      text:
        failedAfter === undefined
          ? `${counted(spent, "attempt")} spent meanwhile; ${state} ${seconds(took ?? Number.NaN)} after the repair`
          : `${state} after ${seconds(failedAfter)}, ${counted(spent, "attempt")} spent: ${shorten(reason ?? "")}`,
      isGood: state === "completed",
    };
  },
};
