/** Row 1: an orphan, and the guard. */
import type { Lab } from "../lab.ts";
import { kill, OWN_API, type Row, type Seen } from "../row.ts";
import { awaitInit, below, find, until, untilBusy, untilDead } from "../watch.ts";

export const parentFirst: Row = {
  number: 1,
  title: "The parent exits first: an orphan",
  how:
    "A host is killed while its worker is in a busy loop. The worker notices nothing: init, or the " +
    "nearest ancestor that adopts orphans, becomes its parent, and it runs on.",
  wayOut: "the guard: one small shell for each host, which outlives it just long enough to kill its workers.",
  experiments: [{ name: "", play }],
};

async function play(lab: Lab): Promise<Seen> {
  const host = await lab.without("spinning");
  const orphan = await host.said("worker");
  await untilBusy(orphan);
  await lab.show(`A host has started a worker by ${OWN_API[lab.runtime].start}; it is in a busy loop.`, [
    host.pid,
    orphan,
  ]);
  await host.kill();
  const parent = await until("the worker to be adopted", () => {
    const parent = find(orphan)?.parent;
    return parent === host.pid ? undefined : parent;
  });
  await untilBusy(orphan);
  await lab.show(`The host is killed: the worker's parent is now ${parent}, and it runs on.`, [
    host.pid,
    orphan,
  ]);
  kill(orphan); // nothing else would
  await untilDead(orphan);

  const pooled = await lab.with("spinning");
  const worker = await pooled.said("worker");
  await untilBusy(worker);
  const all = [pooled.pid, ...below(pooled.pid).map(({ pid }) => pid)];
  await lab.show("Way out: the same with a pool. The shell is its guard.", all);
  const since = performance.now();
  await pooled.kill();
  await untilDead(...all);
  const ms = Math.round(performance.now() - since);
  await lab.show(`The host is killed: ${ms} ms later all are dead, and are ${await awaitInit(...all)}.`, all);
  return { without: "survivor", with: "none" };
}
