/** Row 6: way out 3, the reaper of adopted orphans; as a subreaper, and as PID 1. */
import { execFile } from "node:child_process";
import { Fault, Unavailable } from "../fault.ts";
import type { Lab } from "../lab.ts";
import { kill, type Row, type Seen } from "../row.ts";
import { type Scene, UNSHARE } from "../scene.ts";
import { below, isZombie, until, untilGone, untilZombie } from "../watch.ts";

export const reaper: Row = {
  number: 6,
  title: "Way out 3: the reaper",
  how:
    "A host that adopts orphans gets processes it has never heard of: as PID 1 of a container, or with " +
    "PR_SET_CHILD_SUBREAPER. No runtime reaps them: each one that ends stays a zombie for good.",
  wayOut:
    'a pool with orphans: "adopt", or "auto" as PID 1. SIGCHLD wakes its reaper, which reaps what the ' +
    "host has adopted, and never what it has started itself.",
  experiments: [
    { name: "as a subreaper", play: playAsSubreaper },
    { name: "as PID 1", play: playAsInit },
  ],
};

async function playAsSubreaper(lab: Lab): Promise<Seen> {
  await leave(lab, await lab.without("adopting"), "A host adopts orphans, by prctl().");
  return collect(lab, await lab.with("collecting"), 'Way out: a host with a pool that has orphans: "adopt".');
}

async function playAsInit(lab: Lab): Promise<Seen> {
  await assertUnshare();
  await leave(lab, await lab.asInit("without", "adopting"), "A host is PID 1 of a namespace of its own.");
  return collect(lab, await lab.asInit("with", "collecting"), 'Way out: PID 1 with a pool, orphans: "auto".');
}

async function leave(lab: Lab, host: Scene, what: string): Promise<void> {
  const orphan = await orphanOf(host);
  const both = [host.pid, orphan];
  await lab.show(`${what} A helper of it has started a sleep and ended.`, both, host);
  kill(orphan);
  await untilZombie(orphan);
  // Once the host has reaped a process of its own that ended later, it has done all it will ever do about this one.
  host.order();
  await host.said("collected");
  if (!isZombie(orphan)) throw new Fault("expected an orphan that nothing reaps, but it is gone");
  await lab.show(
    "The sleep is killed. The host has since reaped a process of its own, but not this one.",
    both,
    host,
  );
  await host.kill();
}

async function collect(lab: Lab, host: Scene, what: string): Promise<Seen> {
  const orphan = await orphanOf(host);
  const both = [host.pid, orphan];
  await lab.show(`${what} The same helper.`, both, host);
  kill(orphan);
  const since = performance.now();
  await untilGone(orphan);
  const ms = Math.round(performance.now() - since);
  await lab.show(`The sleep is killed. ${ms} ms later: reaped.`, both, host);
  return { without: "Z", with: "none" };
}

async function orphanOf(host: Scene): Promise<number> {
  await host.said("orphaned");
  return await until("the orphan to be adopted by the host", () => below(host.pid, "sleep")[0]?.pid);
}

function assertUnshare(): Promise<void> {
  const [file = "", ...args] = [...UNSHARE, "true"];
  return new Promise((resolve, reject) => {
    execFile(file, args, (error, _stdout, stderr) => {
      const [reason = ""] = (stderr.trim() || error?.message || "").split("\n");
      if (error === null) resolve();
      else reject(new Unavailable(`no PID namespace can be made: ${reason}`));
    });
  });
}
