/** Row 3: the zombie, and the exit callback of every spawn. */
import type { Lab } from "../lab.ts";
import { kill, OWN_API, type Row, type Seen } from "../row.ts";
import { awaitInit, below, until, untilGone, untilZombie } from "../watch.ts";

export const nobodyWaits: Row = {
  number: 3,
  title: "The process exits first, and nobody waits: a zombie",
  how:
    "The kernel keeps the exit status of a dead process until its parent asks for it. A host whose event " +
    "loop is blocked can't ask until the loop turns again; a program that does not know of the process " +
    "never does, and the zombie stays for as long as that program lives.",
  wayOut:
    "an exit callback for every spawn, and never a blocking wait: the pool has reaped a dead worker " +
    "before it fills its slot again. Programs that are not ours take the ways out of rows 5 and 6.",
  experiments: [{ name: "", play }],
};

async function play(lab: Lab): Promise<Seen> {
  const host = await lab.without("blocked");
  const zombie = await host.said("process");
  kill(zombie);
  await untilZombie(zombie);
  await lab.show(
    `A host starts a process by ${OWN_API[lab.runtime].start}, with an exit callback, and then blocks its event loop. The process is killed.`,
    [host.pid, zombie],
  );
  host.release();
  await host.said("collected");
  await untilGone(zombie);
  await lab.show("The event loop turns again: the host is notified, and the process is reaped.", [
    host.pid,
    zombie,
  ]);

  const shell = await lab.without("foreign");
  const foreign = await shell.said("process");
  const unknown = await until("what the shell has started", () => below(foreign, "sleep")[0]?.pid);
  kill(unknown);
  await untilZombie(unknown);
  await lab.show(
    "A host runs sh -c 'sleep 60 & exec sleep 61'. The first sleep is killed; the second is its parent now, and knows nothing of it.",
    [shell.pid, foreign, unknown],
  );
  kill(foreign);
  await untilGone(foreign);
  await lab.show(
    `That parent is killed: its zombie has init as its parent, and is ${await awaitInit(unknown)}.`,
    [shell.pid, foreign, unknown],
  );

  const pooled = await lab.with("replacing");
  const worker = await pooled.said("ready");
  await lab.show("Way out: a pool with one worker.", [pooled.pid, worker]);
  kill(worker);
  const replacement = await pooled.said("ready");
  await untilGone(worker);
  await lab.show(`Worker ${worker} is killed: no zombie, and its slot is filled again.`, [
    pooled.pid,
    worker,
    replacement,
  ]);
  return { without: "Z", with: "none" };
}
