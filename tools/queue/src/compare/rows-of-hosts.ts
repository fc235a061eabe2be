/** The host dies, or is told to stop. */
import { pause } from "@reapool/measuring/numbers";
import { tallyOf } from "../tally.ts";
import { counted, type Outcome, type Row, seconds } from "./row.ts";
import type { Stage } from "./stage.ts";

/** What a pool has started is gone a second after its host. */
const GONE_MS = 1_200;
/** Longer than a take-over takes on a busy machine. */
const JOB_MS = 12_000;
const STOP_MS = 2_000;

export const killedHost: Row = {
  title: "Host SIGKILLed while two jobs compute; another host takes over",
  async play(stage: Stage): Promise<Outcome> {
    const first = await stage.startHost();
    const second = await stage.startHost({ isStandby: true });
    const ids = ["a", "b"];
    for (const id of ids) await stage.add("compute", id, { ms: JOB_MS }, { attempts: 3 });
    const pids: number[] = [];
    for (const id of ids) pids.push((await stage.untilStarted(id)).pid);
    const at = Date.now();
    await first.kill();
    second.tell("run");
    await pause(GONE_MS);
    const going = pids.filter((pid) => stage.isAlive(pid)).length;
    for (const id of ids) await stage.untilState(id, ["completed", "failed"], 40_000);
    await pause(GONE_MS);
    const {
      overlapped,
      finishedTwice,
      longestPause = Number.NaN,
    } = tallyOf({
      ...{ jobs: 2, runs: stage.runs, hostDeaths: [{ host: "host-1", at }], workerKills: [], completed: ids },
    });
    return {
      text:
        `${going} of 2 processes still compute ${seconds(GONE_MS)} later; ${counted(overlapped, "job")} ran twice at ` +
        `the same time, ${finishedTwice} finished twice; taken over after ${seconds(longestPause)}`,
      isGood: going === 0 && overlapped === 0,
    };
  },
};

export const stoppedHost: Row = {
  title: `Host told to stop within ${STOP_MS / 1_000} s while a job never ends`,
  async play(stage: Stage): Promise<Outcome> {
    const host = await stage.startHost();
    await stage.add("compute", "a", {}, { attempts: 3 });
    const { pid } = await stage.untilStarted("a");
    const begun = performance.now();
    host.tell("close", String(STOP_MS));
    await Promise.race([host.ended, pause(10_000)]);
    const took = performance.now() - begun;
    await pause(GONE_MS);
    const isThere = stage.isAlive(pid);
    const { state, attemptsMade } = await stage.look("a");
    return {
      text:
        `host ended after ${seconds(took)}; ${isThere ? "the job's process computes on" : "the job's process is dead"}; ` +
        `the job is ${state}, ${counted(attemptsMade, "attempt")} spent`,
      isGood: !isThere && state === "waiting",
    };
  },
};
