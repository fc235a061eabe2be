/** The producer, in the runtime that runs it: adds the jobs, and tells what has become of them, until nothing is left to do. */
import process from "node:process";
import { setTimeout as wait } from "node:timers/promises";
import { Random } from "@reapool/measuring/random";
import { Queue } from "bullmq";
import { backendOf, connectionOf, prepare } from "./connect.ts";
import { listen, say, setup } from "./conversation.ts";
import type { Job } from "./work.ts";

/** Jobs that come back stand behind those that wait: as many wait as keep all workers busy, and no more. */
const MOST_WAITING = 8;
const LOOK_EVERY_MS = 50;
/** A worker's death spends one. */
const ATTEMPTS = 100;

let isWanted = true;
listen(() => {
  isWanted = false;
});
await prepare(setup);
const queue = new Queue(setup.queue, { connection: connectionOf(setup) } as never, backendOf(setup) as never);
queue.on("error", () => {}); // what is lost with a connection is seen in the counts
await queue.waitUntilReady();
say({ type: "ready" });

const jobs = drawJobs(setup.seed, setup.jobs);
for (let added = 0; isWanted; await wait(LOOK_EVERY_MS)) {
  const {
    waiting = 0,
    completed = 0,
    failed = 0,
  } = await queue.getJobCounts("waiting", "completed", "failed");
  say({ type: "counts", completed, failed });
  if (completed + failed >= jobs.length) break;
  const batch = jobs.slice(added, added + Math.max(0, MOST_WAITING - waiting));
  added += batch.length;
  await queue.addBulk(
    batch.map((data) => ({
      name: "work",
      data,
      opts: { jobId: `job-${data.number}`, attempts: ATTEMPTS, removeOnFail: false },
    })),
  );
}
const [completed, failed] = await Promise.all([queue.getCompleted(0, -1), queue.getFailed(0, -1)]);
say({
  type: "done",
  completed: completed.map(({ id }) => numberOf(id)),
  failures: failed.map(({ id, failedReason }) => ({ job: numberOf(id), reason: failedReason })),
});
await queue.obliterate({ force: true }); // a Redis that was only given is left as it was found
await queue.close();
process.exit(0);

function numberOf(id: string | undefined): string {
  return (id ?? "").replace("job-", "");
}

/** Most are short; of the long ones some are likely to be under way when a host dies. */
function drawJobs(seed: number, count: number): Job[] {
  const random = new Random(seed, 1);
  return Array.from({ length: count }, (_, i) => ({
    number: i + 1,
    ms: random.chance(0.1) ? random.integer(400, 1_000) : random.integer(5, 60),
    isBusy: random.chance(0.3),
  }));
}
