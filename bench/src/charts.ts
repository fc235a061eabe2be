/** Which charts are drawn from the results. */
import type { Chart, Panel } from "./chart.ts";
import { ENTRIES, type Kind } from "./contenders/names.ts";
import { type Line, medianOf } from "./results.ts";

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

/** Skips charts that would compare nothing. */
export function planCharts(lines: readonly Line[]): Chart[] {
  return PLANS.flatMap((plan) => {
    const chosen = lines.filter(
      ({ workload, metric }) => workload.name === plan.workload && plan.metrics.includes(metric.key),
    );
    const panels = chosen.map((line) => toPanel(line, plan)).filter(({ bars }) => bars.length > 1);
    const metric = chosen[0]?.metric;
    if (panels.length === 0 || metric === undefined || metric.better === "neither") return [];
    const { file, title, subtitle } = plan;
    return [{ file, title, subtitle, unit: metric.unit, better: metric.better, panels }];
  });
}

function toPanel({ runtime, metric, figures }: Line, { metrics, kinds }: Plan): Panel {
  const bars = ENTRIES.filter(({ name, kind }) => kinds.includes(kind) && !isVariant(name)).flatMap(
    ({ name, kind }) => {
      const value = medianOf(figures.get(name));
      return value === undefined ? [] : [{ name: kind === "floor" ? "bare socket" : name, kind, value }];
    },
  );
  return { title: metrics.length > 1 ? `${runtime.label}, ${metric.label}` : runtime.label, bars };
}

/** Variants are only for readers of the tables. */
const isVariant = (name: string) =>
  ["reapool prefetch 0", "reapool without FFI", "floor, promises"].includes(name);
