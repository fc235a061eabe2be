/** Row 4: way out 1, the daemon that never becomes the host's zombie. */
import type { Lab } from "../lab.ts";
import { kill, OWN_API, type Row, type Seen } from "../row.ts";
import { awaitInit, find, untilDead, untilZombie } from "../watch.ts";

export const forkTwice: Row = {
  number: 4,
  title: "Way out 1: fork twice",
  how:
    "A host must reap what it starts: if such a process ends while the host's event loop is " +
    "blocked, it is a zombie.",
  wayOut:
    "spawnDetached(): a shell starts the process in the background and ends at once. init adopts the " +
    "process and reaps it one day; it outlives the host, and never becomes its zombie.",
  experiments: [{ name: "", play }],
};

async function play(lab: Lab): Promise<Seen> {
  const host = await lab.without("blocked");
  const zombie = await host.said("process");
  kill(zombie);
  await untilZombie(zombie);
  await lab.show(
    `A host starts a process by ${OWN_API[lab.runtime].start} and blocks its event loop. The process is killed.`,
    [host.pid, zombie],
  );
  await host.kill();

  const detaching = await lab.with("detaching");
  const first = await detaching.said("daemon");
  const second = await detaching.said("daemon");
  const all = [detaching.pid, first, second];
  await lab.show(
    `Way out: a host starts two by spawnDetached() and blocks its event loop. Their parent is ${find(first)?.parent}.`,
    all,
  );
  kill(first);
  await untilDead(first);
  const collected = await awaitInit(first);
  await lab.show(
    `The first is killed, while the event loop is blocked: no zombie of the host; it is ${collected}.`,
    all,
  );
  await detaching.kill();
  await lab.show("The host is killed: the second lives on.", all);
  kill(second); // it would live for a minute
  await untilDead(second);
  return { without: "Z", with: "none" };
}
