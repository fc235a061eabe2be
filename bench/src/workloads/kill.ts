/** A worker is killed: how soon there is a result again. */
import { median, pause } from "@reapool/measuring/numbers";
import type { Contender, OpenPool } from "../contenders/contender.ts";
import { whyOf, within } from "./deadline.ts";
import type { Measured, Metric, Workload } from "./workload.ts";

const KILLS = 3;
const QUICK_KILLS = 2;
const LONGEST_MS = 3_000;
/** Busy for longer than anything here can take. */
const BUSY_MS = 60_000;
/** Time until a called task is surely running. */
const UNDER_WAY_MS = 40;

interface Case {
  readonly key: string;
  readonly label: string;
  readonly isBusy: boolean;
  readonly spares: number;
}

const CASES: readonly Case[] = [
  { key: "busy", label: "busy worker", isBusy: true, spares: 0 },
  { key: "idle", label: "idle worker", isBusy: false, spares: 0 },
  { key: "busy spare", label: "busy worker, a spare", isBusy: true, spares: 1 },
  { key: "idle spare", label: "idle worker, a spare", isBusy: false, spares: 1 },
];

export const kill: Workload = {
  name: "kill",
  about:
    "SIGKILL to the only worker, at its work or idle, and in the same moment a call that is made again as often as it fails: until its result. Detection is until the pool tells the exit. The signal ends the host where a worker is a thread of it.",
  metrics: () =>
    CASES.flatMap(({ key, label }): Metric[] => [
      { key: `${key} next`, label: `${label}: next result`, unit: "ms", better: "lower" },
      { key: `${key} seen`, label: `${label}: detection`, unit: "ms", better: "neither" },
      { key: `${key} after`, label: `${label}: next result after detection`, unit: "ms", better: "neither" },
      { key: `${key} failed`, label: `${label}: calls that failed`, unit: "count", better: "neither" },
    ]),
  admits: (entry) => entry.kind !== "floor",
  deadline: 30_000,
  async measure(contender, { quick }, tell) {
    let measured: Measured = {};
    for (const one of CASES) {
      if (one.spares > 0 && contender.knowsSpares !== true) continue;
      try {
        measured = { ...measured, ...(await killSome(contender, one, quick ? QUICK_KILLS : KILLS)) };
      } catch (error) {
        measured = { ...measured, [`${one.key} next`]: whyOf(error) };
      }
      tell(measured);
    }
    return measured;
  },
};

async function killSome(contender: Contender, one: Case, times: number): Promise<Measured> {
  const pool = await contender.open({ workers: 1, values: "json", spares: one.spares });
  let onExit = () => {};
  pool.onExit?.(() => onExit());
  const deaths: Death[] = [];
  for (let i = 0; i < times; i++) {
    await pool.ready?.();
    deaths.push(await killOnce(pool, one, (callback) => (onExit = callback)));
  }
  await within(LONGEST_MS, "end of close()", pool.close());
  const of = (pick: (death: Death) => number) => median(deaths.map(pick));
  const next = {
    [`${one.key} next`]: of(({ next }) => next),
    [`${one.key} failed`]: of(({ failed }) => failed),
  };
  if (pool.onExit === undefined) return next;
  return {
    ...next,
    [`${one.key} seen`]: of(({ seen }) => seen),
    [`${one.key} after`]: of(({ next, seen }) => Math.max(0, next - seen)), // another worker may answer first
  };
}

/** In ms since the signal. */
interface Death {
  readonly next: number;
  readonly seen: number;
  readonly failed: number;
}

async function killOnce(
  pool: OpenPool,
  { isBusy }: Case,
  listen: (callback: () => void) => void,
): Promise<Death> {
  const idlePid = (await within(LONGEST_MS, "answer before the kill", pool.run("pid"))) as number;
  if (isBusy) pool.run("spin", BUSY_MS).catch(() => {}); // it ends with its worker
  await pause(UNDER_WAY_MS);
  const pid = (isBusy ? pool.busyPids?.()[0] : undefined) ?? idlePid;
  let failed = 0;
  const start = performance.now();
  const exit = new Promise<number>((resolve) => listen(() => resolve(performance.now() - start)));
  process.kill(pid, "SIGKILL");
  let isOver = false;
  const succeed = async () => {
    while (!isOver) {
      try {
        await pool.run("noop");
        return;
      } catch {
        failed++;
        await new Promise(setImmediate);
      }
    }
  };
  try {
    await within(LONGEST_MS, "result after the kill", succeed());
  } finally {
    isOver = true;
  }
  const next = performance.now() - start;
  const seen = pool.onExit === undefined ? next : await within(LONGEST_MS, "exit event", exit);
  return { next, seen, failed };
}
