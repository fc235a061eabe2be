/** Row 2: no zombie, at the price of a blocked host; and the exit callback. */
import { setTimeout as wait } from "node:timers/promises";
import { Fault } from "../fault.ts";
import type { Lab } from "../lab.ts";
import { kill, OWN_API, type Row, type Seen } from "../row.ts";
import type { Scene } from "../scene.ts";
import { below, until, untilGone } from "../watch.ts";

export const blockingWait: Row = {
  number: 2,
  title: "The process exits first, and the parent blocks until it does",
  how:
    "There is no zombie: the parent reaps the process at once. But until then its event loop stands " +
    "still, which a timer shows that should tick every 10 ms.",
  wayOut: "exit callbacks: the host is notified when a process ends, and keeps running in the meantime.",
  experiments: [{ name: "", play }],
};

/** How long the host waits at least; the lab then kills the process it waits for. */
const WAIT_MS = 500;
/** The fewest of about fifty ticks that a running host must reach, even on a very busy machine. */
const TICKS_AT_LEAST = 3;

async function play(lab: Lab): Promise<Seen> {
  const host = await lab.without("waiting");
  await host.said("waits");
  const waited = await until("the process it waits for", () => below(host.pid, "sleep")[0]?.pid);
  await lab.show(`A host waits by ${OWN_API[lab.runtime].wait}.`, [host.pid, waited]);
  const blocked = await endOf(waited, host);
  await lab.show(`The process is killed: no zombie, but ${words(blocked)}.`, [host.pid, waited]);
  if (blocked.ticks > 1) throw new Fault(`expected a blocked host, saw ${words(blocked)}`);

  const pooled = await lab.with("waiting");
  const worker = await pooled.said("waits");
  await lab.show("Way out: a host waits for a worker of its pool by the exit callback.", [
    pooled.pid,
    worker,
  ]);
  const free = await endOf(worker, pooled);
  await lab.show(`The worker is killed: no zombie, and ${words(free)}.`, [pooled.pid, worker]);
  if (free.ticks < TICKS_AT_LEAST) throw new Fault(`expected a running host, saw ${words(free)}`);
  return { without: words(blocked), with: words(free) };
}

interface Ticks {
  readonly ticks: number;
  readonly ms: number;
}

async function endOf(pid: number, host: Scene): Promise<Ticks> {
  await wait(WAIT_MS);
  kill(pid);
  await untilGone(pid);
  return { ticks: await host.said("ticks"), ms: await host.said("ms") };
}

function words({ ticks, ms }: Ticks): string {
  return `${ticks} ticks in ${ms} ms`;
}
