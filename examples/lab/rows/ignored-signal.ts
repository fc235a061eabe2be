/** Row 5: way out 2, the kernel reaps. */
import type { Lab } from "../lab.ts";
import { kill, type Row, type Seen } from "../row.ts";
import type { Scene } from "../scene.ts";
import { below, until, untilGone, untilZombie } from "../watch.ts";

export const ignoredSignal: Row = {
  number: 5,
  title: "Way out 2: SIGCHLD ignored",
  how:
    "A worker may be a foreign program that starts processes and never waits for them: here it is awk, " +
    'which starts a sleep and a tail. (It does not speak the pool\'s protocol, so it stays "starting", ' +
    "which is enough to look at what is below it.)",
  wayOut:
    'worker.sigchld: "ignore". The program is started with SIGCHLD ignored, and the kernel then reaps ' +
    "its children by itself. Only for foreign programs: a runtime would lose the exits it waits for.",
  experiments: [{ name: "", play }],
};

async function play(lab: Lab): Promise<Seen> {
  const usual = await lab.with("foreign", "default");
  const [awk, sleep, tail] = await family(usual);
  kill(sleep);
  await untilZombie(sleep);
  await lab.show('A pool\'s worker is awk, with sigchld: "default". Its sleep is killed.', [
    usual.pid,
    awk,
    sleep,
    tail,
  ]);
  await usual.kill();

  const ignoring = await lab.with("foreign", "ignore");
  const all = await family(ignoring);
  await lab.show('Way out: the same with sigchld: "ignore".', [ignoring.pid, ...all]);
  kill(all[1]);
  await untilGone(all[1]);
  await lab.show("Its sleep is killed: no zombie.", [ignoring.pid, ...all]);
  return { without: "Z", with: "none" };
}

/** The worker, and what it has started. */
async function family(host: Scene): Promise<[awk: number, sleep: number, tail: number]> {
  const awk = await host.said("worker");
  const started = (name: string) => until(`a ${name} below awk`, () => below(awk, name)[0]?.pid);
  return [awk, await started("sleep"), await started("tail")];
}
