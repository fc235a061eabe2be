/** Which charts are drawn from the results. */
import type { Chart, Panel } from "./chart.ts";
import { ENTRIES, type Kind, OURS } from "./contenders/names.ts";
import { type Line, medianOf } from "./results.ts";
import type { Metric } from "./workloads/workload.ts";

interface Plan {
  readonly file: string;
  readonly title: string;
  readonly subtitle: string;
  readonly workload: string;
  /** One panel for each metric and each runtime. */
  readonly metrics: readonly string[];
  readonly kinds: readonly Kind[];
}

const POOLS: readonly Kind[] = ["reapool", "processes", "threads"];

const PLANS: readonly Plan[] = [
  {
    file: "throughput",
    title: "Throughput",
    subtitle: "Tasks that do nothing, 256 in flight, two workers",
    workload: "no-op-in-flight",
    metrics: ["256 rate"],
    kinds: POOLS,
  },
  {
    file: "round-trip",
    title: "Round trip",
    subtitle: "A task that does nothing, one after the other: the median",
    workload: "no-op-sequential",
    metrics: ["p50"],
    kinds: [...POOLS, "floor"],
  },
  {
    file: "binary",
    title: "Binary payloads",
    subtitle: "Bytes to a worker and back, one at a time: how many each way",
    workload: "payload-binary",
    metrics: ["1 MiB", "64 MiB"],
    kinds: [...POOLS, "floor"],
  },
  {
    file: "fairness",
    title: "Short tasks beside long ones",
    subtitle: "Tasks of 10 µs while one of 50 ms follows the other, two workers: p99 of the short ones",
    workload: "mixed",
    metrics: ["two p99"],
    kinds: POOLS,
  },
  {
    file: "kill",
    title: "A worker is killed",
    subtitle: "From SIGKILL to the busy worker to the next result, no worker in reserve",
    workload: "kill",
    metrics: ["busy next"],
    kinds: POOLS,
  },
];

/** The chart of the README, in one runtime. */
const OVERVIEW = {
  runtime: "node24",
  panels: [
    ["calls", "warm rate", "add(n, 1), 256 in flight"],
    ["payload-string", "64 KiB", "64 KiB of text there and back, one at a time"],
    ["cold-start", "first", "the first result of a new pool"],
  ],
} as const;

/** Skips charts that would compare nothing. */
export function planCharts(lines: readonly Line[]): Chart[] {
  const charts = PLANS.map((plan): Chart => {
    const chosen = lines.filter(
      ({ workload, metric }) => workload.name === plan.workload && plan.metrics.includes(metric.key),
    );
    const panels = chosen.flatMap((line) => {
      const { runtime, metric } = line;
      const title = plan.metrics.length > 1 ? `${runtime.label}, ${metric.label}` : runtime.label;
      return toPanel(line, title, plan.kinds) ?? [];
    });
    const measure = chosen[0] === undefined ? "" : measureOf(chosen[0].metric);
    return { file: plan.file, title: plan.title, subtitle: [plan.subtitle, measure], panels };
  });
  return [overview(lines), ...charts].filter(({ panels }) => panels.length > 0);
}

function overview(lines: readonly Line[]): Chart {
  const chosen = OVERVIEW.panels.flatMap(([workload, key, title]) => {
    const line = lines.find(
      (one) =>
        one.workload.name === workload && one.metric.key === key && one.runtime.name === OVERVIEW.runtime,
    );
    const panel = line && toPanel(line, `${title} (${measureOf(line.metric)})`, POOLS);
    return panel === undefined ? [] : [{ title, panel }];
  });
  const behind = chosen.flatMap(({ title, panel }) => {
    const [best] = panel.bars;
    return best === undefined || best.name === OURS ? [] : [`${best.name} is ahead: ${title}`];
  });
  const label = lines.find(({ runtime }) => runtime.name === OVERVIEW.runtime)?.runtime.label ?? "";
  return {
    file: "overview",
    title: `${label}, two workers`,
    subtitle: behind,
    panels: chosen.map(({ panel }) => panel),
  };
}

const measureOf = ({ unit, better }: Metric): string => `${unit}, ${better} is better`;

/** The best bar first. Undefined where it would compare nothing. */
function toPanel({ metric, figures }: Line, title: string, kinds: readonly Kind[]): Panel | undefined {
  if (metric.better === "neither") return undefined;
  const bars = ENTRIES.filter(({ name, kind }) => kinds.includes(kind) && !isVariant(name))
    .flatMap(({ name, kind }) => {
      const value = medianOf(figures.get(name));
      return value === undefined ? [] : [{ name: kind === "floor" ? "bare socket" : name, kind, value }];
    })
    .sort((a, b) => (metric.better === "lower" ? a.value - b.value : b.value - a.value));
  return bars.length > 1 ? { title, bars } : undefined;
}

/** Variants are only for readers of the tables. */
const isVariant = (name: string) =>
  ["reapool prefetch 0", "reapool without FFI", "floor, promises"].includes(name);
