/** Row 7: what has left the group of a worker, and the mark it has inherited. */
import type { Lab } from "../lab.ts";
import { kill, type Row, type Seen } from "../row.ts";
import { awaitInit, find, untilDead } from "../watch.ts";

export const leavesTheGroup: Row = {
  number: 7,
  title: "What leaves the group",
  how:
    "A worker starts a daemon, or a browser: that has a session and a group of its own, and its parent is " +
    "gone. A signal to the worker's group does not reach it.",
  wayOut:
    'containment: "tree", the default: what a worker starts inherits a mark in its environment. When the ' +
    "worker has ended, the guard looks for the mark, and for what hangs by its parent, group or session.",
  experiments: [{ name: "", play }],
};

async function play(lab: Lab): Promise<Seen> {
  const grouped = await lab.with("scattering", "group");
  const survivor = await grouped.said("daemon");
  const first = await grouped.said("worker");
  kill(first);
  await untilDead(first);
  await grouped.kill();
  const parent = find(survivor)?.parent;
  await lab.show(
    `containment: "group": worker and host are killed. The daemon's parent is ${parent}, and it lives on.`,
    [grouped.pid, first, survivor],
  );
  kill(survivor); // it would live for a minute
  await untilDead(survivor);

  const contained = await lab.with("scattering", "tree");
  const daemon = await contained.said("daemon");
  const worker = await contained.said("worker");
  const all = [contained.pid, worker, daemon];
  await lab.show('Way out: containment: "tree". The daemon is nobody\'s child here either.', all);
  const since = performance.now();
  kill(worker);
  await untilDead(worker, daemon);
  const ms = Math.round(performance.now() - since);
  await lab.show(
    `The worker is killed: ${ms} ms later its daemon is dead, and ${await awaitInit(daemon)}.`,
    all,
  );
  return { without: "survivor", with: "none" };
}
