/** Pure: the targets of reapool, each a ratio of figures of the same run, and whether it reaches them. */
import { type Kind, OURS } from "./contenders/names.ts";
import { formatNumber } from "./format.ts";
import { type Line, medianOf } from "./results.ts";

export interface Target {
  readonly what: string;
  readonly runtime: string;
  readonly wanted: string;
  readonly measured: string;
  readonly isReached: boolean;
}

export interface TargetInput {
  readonly lines: readonly Line[];
  readonly kindOf: (contender: string) => Kind;
}

const TIMES_PROCESSES = 5;
const TIMES_THREADS = 3;
const ROUND_TRIP_TIMES = 1.5;
const FLOOR_SHARE = 50;
const QUEUE_TIMES = 1.3;
const BINARY_TIMES = 1.3;
const SPARE_MS = 5;
const EFFICIENCY = 97;
const CALL_TIMES = 2.5;
const BUSY_TIMES = 1.5;
const THREAD_TIMES = 1.5;

/** Workloads whose lines compare pools: memory of workers and shared memory are reported, and are no race. */
const NO_RACE = ["memory", "shared-memory"];

/** Only targets whose figures exist. */
export function findTargets(input: TargetInput): Target[] {
  const runtimes = [...new Set(input.lines.map(({ runtime }) => runtime.label))];
  return [
    ...throughputTargets(input),
    ...input.lines.flatMap((line) => [
      ...roundTripTarget(line),
      ...floorTarget(line),
      ...binaryTarget(line),
      ...simpleTargets(line),
      ...costTargets(line),
      ...fairnessTarget(line),
    ]),
    ...runtimes.flatMap((runtime) => aheadTarget(input, runtime)),
  ];
}

const own = (line: Line, contender: string = OURS): number | undefined =>
  medianOf(line.figures.get(contender));

const isLine = (line: Line, workload: string, metric: string) =>
  line.workload.name === workload && line.metric.key === metric;

function throughputTargets({ lines, kindOf }: TargetInput): Target[] {
  const line = lines.find(
    (one) => isLine(one, "no-op-in-flight", "256 rate") && one.runtime.name.startsWith("node"),
  );
  const ours = line === undefined ? undefined : own(line);
  if (line === undefined || ours === undefined) return [];
  return (
    [
      ["processes", "best process peer", TIMES_PROCESSES],
      ["threads", "best thread peer", TIMES_THREADS],
    ] as const
  ).flatMap(([kind, label, times]): Target[] => {
    const peers = [...line.figures].filter(([name]) => kindOf(name) === kind);
    const best = peers
      .flatMap(([name, figure]) => ("median" in figure ? [{ name, rate: figure.median }] : []))
      .sort((a, b) => b.rate - a.rate)[0];
    if (best === undefined) return [];
    const ratio = ours / best.rate;
    return [
      {
        what: `throughput at 256 in flight against the ${label}`,
        runtime: line.runtime.label,
        wanted: `at least ${times} ×`,
        measured: `${formatNumber(ratio)} × (${best.name})`,
        isReached: ratio >= times,
      },
    ];
  });
}

function roundTripTarget(line: Line): Target[] {
  if (!isLine(line, "no-op-sequential", "p50")) return [];
  return ratioTarget(
    line,
    "round trip, p50, against the bare socket",
    own(line),
    own(line, "floor"),
    ROUND_TRIP_TIMES,
  );
}

function floorTarget(line: Line): Target[] {
  if (!isLine(line, "no-op-in-flight", "256 rate")) return [];
  const [ours, bare] = [own(line), own(line, "floor")];
  if (ours === undefined || bare === undefined) return [];
  const share = (100 * ours) / bare;
  return [
    {
      what: "throughput at 256 in flight against the bare socket",
      runtime: line.runtime.label,
      wanted: `at least ${FLOOR_SHARE} %`,
      measured: `${formatNumber(share)} %`,
      isReached: share >= FLOOR_SHARE,
    },
  ];
}

/** Compares times: the inverse of the rates. */
function binaryTarget(line: Line): Target[] {
  if (line.workload.name !== "payload-binary" || !line.metric.key.endsWith("MiB")) return [];
  const what = `binary, ${line.metric.label}, against the bare socket`;
  return ratioTarget(line, what, own(line, "floor"), own(line), BINARY_TIMES);
}

function ratioTarget(
  line: Line,
  what: string,
  over: number | undefined,
  under: number | undefined,
  most: number,
): Target[] {
  if (over === undefined || under === undefined) return [];
  const ratio = over / under;
  return [
    {
      what,
      runtime: line.runtime.label,
      wanted: `at most ${most} ×`,
      measured: `${formatNumber(ratio)} ×`,
      isReached: ratio <= most,
    },
  ];
}

function simpleTargets(line: Line): Target[] {
  const ours = own(line);
  if (ours === undefined) return [];
  const target = (what: string, wanted: string, unit: string, isReached: boolean): Target[] => [
    { what, runtime: line.runtime.label, wanted, measured: `${formatNumber(ours)} ${unit}`, isReached },
  ];
  if (isLine(line, "queued", "ratio")) {
    return target(
      `a task's time, ${line.metric.label} queued`,
      `at most ${QUEUE_TIMES} ×`,
      "×",
      ours <= QUEUE_TIMES,
    );
  }
  if (isLine(line, "busy-tasks", "1 ms")) {
    return target("efficiency with 1 ms tasks", `at least ${EFFICIENCY} %`, "%", ours >= EFFICIENCY);
  }
  for (const state of ["busy", "idle"]) {
    if (!isLine(line, "kill", `${state} spare after`)) continue;
    const what = `SIGKILL to next result with a spare, ${state} worker, less detection`;
    return target(what, `under ${SPARE_MS} ms`, "ms", ours < SPARE_MS);
  }
  return [];
}

/** What the host pays. */
function costTargets(line: Line): Target[] {
  const { metric, workload } = line;
  const against = (what: string, whom: string, most: number) =>
    ratioTarget(line, what, own(line), own(line, whom), most);
  if (isLine(line, "calls", "warm cpu"))
    return against("host CPU of a warm call with arguments, against the bare socket", "floor", CALL_TIMES);
  if (isLine(line, "busy-tasks", "cpu"))
    return against("host CPU of a 1 ms task, against the bare socket", "floor", BUSY_TIMES);
  const isLarge = workload.name === "payload-string" || workload.name === "payload-binary";
  if (!isLarge || !metric.key.endsWith(" cpu")) return [];
  return against(
    `${workload.name.replace("payload-", "")}, ${metric.label}, against piscina's threads`,
    "piscina",
    THREAD_TIMES,
  );
}

function fairnessTarget(line: Line): Target[] {
  if (line.workload.name !== "mixed" || !line.metric.key.endsWith("p99")) return [];
  return ratioTarget(
    line,
    `${line.metric.label}, against no sending ahead`,
    own(line),
    own(line, "reapool prefetch 0"),
    1,
  );
}

/** On every line that has a winner. */
function aheadTarget({ lines, kindOf }: TargetInput, runtime: string): Target[] {
  const races = lines.filter(
    (line) =>
      line.runtime.label === runtime && line.winner !== undefined && !NO_RACE.includes(line.workload.name),
  );
  const isPeer = (name: string) => kindOf(name) === "processes" || kindOf(name) === "threads";
  const contested = races.filter(
    (line) =>
      own(line) !== undefined &&
      [...line.figures].some(([name, figure]) => isPeer(name) && "median" in figure),
  );
  if (contested.length === 0) return [];
  const behind = contested.filter(({ winner }) => winner !== undefined && isPeer(winner));
  return [
    {
      what: "ahead of every peer on every line",
      runtime,
      wanted: `${contested.length} of ${contested.length} lines`,
      measured: `${contested.length - behind.length} of ${contested.length} lines`,
      isReached: behind.length === 0,
    },
  ];
}

/** A line on which a peer is ahead. */
export interface Behind {
  readonly runtime: string;
  readonly workload: string;
  readonly metric: string;
  readonly peer: string;
  /** How many times as good as ours it is. */
  readonly times: number;
}

export function linesBehind({ lines, kindOf }: TargetInput): Behind[] {
  return lines.flatMap((line) => {
    const { winner, metric, workload, runtime } = line;
    if (winner === undefined || NO_RACE.includes(workload.name)) return [];
    const kind = kindOf(winner);
    const [ours, best] = [own(line), own(line, winner)];
    if ((kind !== "processes" && kind !== "threads") || ours === undefined || best === undefined) return [];
    const times = metric.better === "lower" ? ours / best : best / ours;
    return [{ runtime: runtime.label, workload: workload.name, metric: metric.label, peer: winner, times }];
  });
}
