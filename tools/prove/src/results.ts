/** The measurements, and which of them break a promise. Pure: from results to words. */
import type { DeathsResult } from "./measure/deaths.ts";
import type { IdleResult } from "./measure/idle.ts";
import type { Control, Ending } from "./measure/matrix.ts";
import type { MomentsResult } from "./measure/moments.ts";
import type { OrphansMeasured } from "./measure/orphans.ts";
import { whole } from "./numbers.ts";
import type { Settings } from "./settings.ts";
import type { Zombie } from "./zombie-watch.ts";

/** A measurement that threw is a failure of its own. */
export type Outcome<T> = { readonly value: T } | { readonly failure: string };

export interface MatrixResult {
  readonly endings: readonly Ending[];
  readonly control: Control;
}

export interface OrphansResults {
  readonly adopted: OrphansMeasured;
  readonly asPidOne: OrphansMeasured;
  /** As PID 1 with `orphans: "ignore"`. */
  readonly control: OrphansMeasured;
}

export interface RuntimeResults {
  readonly label: string;
  readonly matrix?: Outcome<MatrixResult>;
  readonly moments?: Outcome<MomentsResult>;
  readonly deaths?: Outcome<DeathsResult>;
  readonly idle?: Outcome<IdleResult>;
  readonly orphans?: Outcome<OrphansResults>;
}

export interface Results {
  readonly settings: Settings;
  readonly machine: readonly string[];
  readonly runtimes: readonly RuntimeResults[];
  /** Runtimes that are not installed. */
  readonly missing: readonly string[];
  /** How long the watch saw a zombie that nothing reaps. */
  readonly watchControl: Zombie | undefined;
}

const LIMIT_MS = 1_000;
/** The least of a second and a half that the watch must see to be trusted. */
const CONTROL_MS = 1_000;
/** Only workers in these states need a guard: the others see the end of their socket. */
const NEED_GUARD = ["busy", "trapped", "stopped"] as const;

/** Each broken promise, and each control that invalidates a measurement; empty if all is well. */
export function faultsOf({ settings, runtimes, watchControl }: Results): string[] {
  const faults: string[] = [];
  const usesWatch = settings.parts.includes("deaths") || settings.parts.includes("orphans");
  if (usesWatch && (watchControl === undefined || watchControl.seen < CONTROL_MS)) {
    faults.push("the watch did not see a zombie that was there: what it says about others proves nothing");
  }
  for (const results of runtimes) {
    const { label, matrix, moments, deaths, idle, orphans } = results;
    const found = [
      ...judge(matrix, ofMatrix),
      ...judge(moments, ofMoments),
      ...judge(deaths, (value) => ofDeaths(value, settings.deaths)),
      ...judge(idle, () => []),
      ...judge(orphans, ofOrphans),
    ];
    faults.push(...found.map((fault) => `${label}: ${fault}`));
  }
  return faults;
}

function judge<T>(outcome: Outcome<T> | undefined, faultsOfValue: (value: T) => string[]): string[] {
  if (outcome === undefined) return [];
  return "failure" in outcome ? [outcome.failure] : faultsOfValue(outcome.value);
}

function ofMatrix({ endings, control }: MatrixResult): string[] {
  const faults: string[] = [];
  for (const ending of endings) {
    if ("death" in ending) {
      const { cause, last } = ending.death;
      if (last === Number.POSITIVE_INFINITY) faults.push(`${cause}: something of the host was never gone`);
      else if (last > LIMIT_MS)
        faults.push(`${cause}: something of the host was there for ${whole(last)} ms`);
    } else {
      const { cause, missing, poolAnswered } = ending.survival;
      if (missing.length > 0) faults.push(`${cause}: the host lives on without ${missing.join(", ")}`);
      if (!poolAnswered) faults.push(`${cause}: the host lives on and its pool gives no right answer`);
    }
  }
  const ended = NEED_GUARD.filter((state) => !control.workers.includes(state));
  if (ended.length > 0) {
    faults.push(
      `without the guard no worker survives that is ${ended.join(", ")}: the matrix proves nothing there`,
    );
  }
  return faults;
}

function ofMoments({ hosts, scattered, left, stayed, hostsWithLeft }: MomentsResult): string[] {
  if (left > 0)
    return [
      `${whole(left)} processes of ${hostsWithLeft} of ${hosts} hosts outlived them by a second, ${whole(stayed)} by ten`,
    ];
  return scattered === 0
    ? ["nothing had left its group when a host was killed: that none was left proves nothing"]
    : [];
}

function ofDeaths(result: DeathsResult, expected: number): string[] {
  const { deaths, longestZombie, wrong, unsettled, descriptors, newDescriptors, left } = result;
  const faults = wrong.slice(0, 3).map((what) => `a call went wrong: ${what}`);
  if (deaths < expected) faults.push(`${whole(deaths)} deaths instead of ${whole(expected)}`);
  if (unsettled > 0) faults.push(`${whole(unsettled)} calls never settled`);
  if (longestZombie !== undefined && longestZombie.seen > LIMIT_MS) {
    faults.push(`a zombie was seen for ${whole(longestZombie.seen)} ms`);
  }
  if (descriptors.after > descriptors.before) {
    faults.push(
      `${descriptors.after - descriptors.before} more descriptors are open: ${newDescriptors.join(", ")}`,
    );
  }
  if (left > 0) faults.push(`${left} processes left after close`);
  return faults;
}

function ofOrphans({ adopted, asPidOne, control }: OrphansResults): string[] {
  const faults: string[] = [];
  for (const measured of [adopted, asPidOne]) {
    if (measured.status === "skipped") continue;
    const { wrongCodes, adopted: seen, longestZombie, left } = measured.result;
    if (wrongCodes.length > 0)
      faults.push(`${wrongCodes.length} exit codes wrong: ${wrongCodes.slice(0, 3).join(", ")}`);
    if (seen === 0) faults.push("no orphan was adopted: that none was left proves nothing");
    if (longestZombie !== undefined && longestZombie.seen > LIMIT_MS) {
      faults.push(`an adopted orphan was seen as a zombie for ${whole(longestZombie.seen)} ms`);
    }
    if (left > 0) faults.push(`${left} adopted orphans were never reaped`);
  }
  if (control.status === "measured" && control.result.left === 0) {
    faults.push('orphans: "ignore" leaves no zombie to PID 1 either: that none was left proves nothing');
  }
  return faults;
}
