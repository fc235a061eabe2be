/**
 * Runs every contender through every workload: finds out which run where, then goes round after round, workload by
 * workload.
 */
import { fileURLToPath } from "node:url";
import type { Runtime } from "@reapool/measuring/runtimes";
import { ENTRIES } from "./contenders/names.ts";
import { withoutFfi } from "./paired/variants.ts";
import { startProgress } from "./progress.ts";
import type { Results, Round, Subject } from "./results.ts";
import { rotate } from "./schedule.ts";
import { type Settings, USAGE_STATUS } from "./settings.ts";
import { runSubject } from "./subject-process.ts";
import { PROBE, WORKLOADS } from "./workloads/index.ts";
import type { Workload } from "./workloads/workload.ts";

const SUBJECT = fileURLToPath(new URL("./subject.ts", import.meta.url));
const DEADLINE_MS = 45_000;
/** A contender that has failed this often in a workload without a result is not tried again. */
const FAILURES_BORNE = 2;

interface Task extends Subject {
  readonly workload: Workload;
}

export type Measured = Pick<Results, "absent" | "rounds">;

/**
 * @param before What a run that was cut short has measured already.
 * @param onMeasured Called after each round of a workload, with all so far.
 */
export async function runAll(
  settings: Settings,
  runtimes: readonly Runtime[],
  temporary: string,
  before: Measured | undefined,
  onMeasured: (measured: Measured) => void,
): Promise<Measured> {
  const tasks = planOf(settings, runtimes);
  if (tasks.length === 0) refuseToMeasureNothing(settings);
  const subjects = uniqueSubjects(tasks);
  const progress = startProgress(subjects.length + tasks.length * settings.rounds);
  const run = ({ runtime, entry, workload }: Task) => {
    progress.step(`${workload.name}: ${entry.name} in ${runtime.label}`);
    const { quick, source } = settings;
    const deadline = workload.deadline ?? DEADLINE_MS;
    const args = [SUBJECT, entry.name, workload.name, quick ? "quick" : "full"];
    const variant = entry.isWithoutFfi === true ? withoutFfi(runtime) : undefined;
    return runSubject({ runtime, ...variant, args, source, temporary, deadline });
  };

  const absent: Results["absent"][number][] = [...(before?.absent ?? [])];
  for (const subject of before === undefined ? subjects : []) {
    const report = await run({ ...subject, workload: PROBE });
    if (report.failure === undefined) continue;
    absent.push({ runtime: subject.runtime.name, contender: subject.entry.name, why: report.failure });
    progress.say(`${subject.entry.name} does not run in ${subject.runtime.label}: ${report.failure}`);
  }
  const isPresent = ({ runtime, entry }: Subject) =>
    !absent.some((one) => one.runtime === runtime.name && one.contender === entry.name);

  const rounds: Round[] = [...(before?.rounds ?? [])];
  const isMeasured = ({ workload, runtime, entry }: Task, round: number) =>
    before?.rounds.some(
      (one) =>
        one.round === round &&
        one.workload === workload.name &&
        one.runtime === runtime.name &&
        one.contender === entry.name,
    ) === true;
  for (const workload of WORKLOADS) {
    const own = tasks.filter((task) => task.workload === workload && isPresent(task));
    if (own.length === 0) continue;
    for (let round = 0; round < settings.rounds; round++) {
      const start = performance.now();
      for (const [place, task] of rotate(own, round, settings.rounds).entries()) {
        if (isMeasured(task, round) || failuresOf(rounds, task) >= FAILURES_BORNE) continue;
        const report = await run(task);
        const names = { contender: task.entry.name, workload: workload.name, runtime: task.runtime.name };
        rounds.push({ ...names, round, place, report });
        if (report.failure !== undefined) {
          progress.say(`${workload.name}: ${task.entry.name} in ${task.runtime.label}: ${report.failure}`);
        }
      }
      const seconds = Math.round((performance.now() - start) / 1_000);
      progress.say(`${workload.name}: round ${round + 1} of ${settings.rounds}, ${seconds} s`);
      onMeasured({ absent, rounds });
    }
  }
  progress.stop();
  return { absent, rounds };
}

/** For a filter that matches nothing, which else would end well and write empty results. */
export function refuseToMeasureNothing({ filter, runtimes }: Settings): never {
  const asked = filter === undefined ? "" : ` and --filter to match something there, received ${filter}`;
  console.error(`Expected one of ${runtimes.join(", ")} to be installed${asked}; nothing is measured`);
  process.exit(USAGE_STATUS);
}

function planOf({ filter, quick }: Settings, runtimes: readonly Runtime[]): Task[] {
  const pattern = new RegExp(filter ?? "", "i");
  const isAsked = ({ workload, runtime, entry }: Task) =>
    quick && filter === undefined
      ? workload.isInQuick === true && entry.isReference === true
      : pattern.test(`${workload.name} ${entry.name} ${runtime.name}`);
  const tasks = WORKLOADS.flatMap((workload) =>
    runtimes.flatMap((runtime) => ENTRIES.map((entry) => ({ workload, runtime, entry }))),
  );
  return tasks.filter((task) => takesPart(task) && isAsked(task));
}

function takesPart({ workload: { name, admits }, runtime, entry }: Task): boolean {
  if (entry.isWithoutFfi === true && withoutFfi(runtime) === undefined) return false;
  return (entry.only?.includes(name) ?? true) && (admits?.(entry) ?? true);
}

function uniqueSubjects(tasks: readonly Task[]): Subject[] {
  const subjects = new Map<string, Subject>();
  for (const { runtime, entry } of tasks) subjects.set(`${runtime.name} ${entry.name}`, { runtime, entry });
  return [...subjects.values()];
}

function failuresOf(rounds: readonly Round[], { workload, runtime, entry }: Task): number {
  return rounds.filter(
    (round) =>
      round.report.failure !== undefined &&
      Object.keys(round.report.measured).length === 0 &&
      round.workload === workload.name &&
      round.runtime === runtime.name &&
      round.contender === entry.name,
  ).length;
}
