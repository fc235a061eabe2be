/**
 * Horizontal bars as SVG: panels of their own scales, the best on top, reapool in colour. One variant for light pages
 * and one for dark ones.
 */
import { parse, View } from "vega";
import { compile, type TopLevelSpec } from "vega-lite";
import type { Kind } from "./contenders/names.ts";
import { formatNumber } from "./format.ts";

interface Bar {
  readonly name: string;
  readonly kind: Kind;
  readonly value: number;
}

export interface Panel {
  readonly title: string;
  /** The best first. */
  readonly bars: readonly Bar[];
}

export interface Chart {
  readonly file: string;
  readonly title: string;
  /** Its lines. */
  readonly subtitle: readonly string[];
  readonly panels: readonly Panel[];
}

interface Theme {
  readonly name: "light" | "dark";
  readonly background: string;
  readonly text: string;
  readonly faint: string;
  readonly colors: Readonly<Record<Kind, string>>;
}

const THEMES: readonly Theme[] = [
  {
    name: "light",
    background: "#ffffff",
    text: "#1f2328",
    faint: "#59636e",
    colors: { reapool: "#0a7f5a", processes: "#8c96a1", threads: "#b9a06a", floor: "#d7dce1" },
  },
  {
    name: "dark",
    background: "#0d1117",
    text: "#f0f6fc",
    faint: "#9198a1",
    colors: { reapool: "#2fbf8f", processes: "#6e7781", threads: "#a58a4e", floor: "#3a424c" },
  },
];

const KIND_LABELS: Readonly<Record<Kind, string>> = {
  reapool: "reapool",
  processes: "processes",
  threads: "threads",
  floor: "bare socket, no pool",
};

const FONT =
  'system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, "DejaVu Sans", sans-serif';
const WIDTH = 470;
const BAR_STEP = 24;
/** Space to the right of the longest bar for its number. */
const LABEL_ROOM = 1.16;

export async function renderChart(chart: Chart): Promise<{ file: string; svg: string }[]> {
  return Promise.all(
    THEMES.map(async (theme) => {
      const view = new View(parse(compile(toSpec(chart, theme)).spec), { renderer: "none" });
      const svg = await view.toSVG();
      view.finalize();
      return { file: `${chart.file}-${theme.name}.svg`, svg: `${svg}\n` };
    }),
  );
}

function toSpec({ title, subtitle, panels }: Chart, theme: Theme): TopLevelSpec {
  const kinds = (Object.keys(KIND_LABELS) as Kind[]).filter((kind) =>
    panels.some(({ bars }) => bars.some((bar) => bar.kind === kind)),
  );
  return {
    background: theme.background,
    padding: 20,
    title: {
      text: title,
      subtitle: [...subtitle],
      anchor: "start",
      offset: 18,
    },
    vconcat: panels.map((panel, i) => toPanel(panel, kinds, theme, i === 0)),
    spacing: 26,
    resolve: { scale: { color: "independent" }, legend: { color: "independent" } },
    config: {
      font: FONT,
      view: { stroke: null },
      title: {
        color: theme.text,
        subtitleColor: theme.faint,
        fontSize: 17,
        fontWeight: 600,
        subtitleFontSize: 12.5,
        subtitlePadding: 6,
        subtitleLineHeight: 17,
      },
      axis: { labelColor: theme.text, domain: false, ticks: false, grid: false, labelFontSize: 12.5 },
      legend: {
        labelColor: theme.faint,
        labelFontSize: 12,
        symbolType: "square",
        symbolSize: 110,
        labelLimit: 240,
      },
    },
  };
}

type PanelSpec = Extract<TopLevelSpec, { vconcat: unknown }>["vconcat"][number];

function toPanel(
  { title, bars }: Panel,
  kinds: readonly Kind[],
  theme: Theme,
  hasLegend: boolean,
): PanelSpec {
  const longest = Math.max(...bars.map(({ value }) => value));
  const rows = bars.map((bar) => ({
    ...bar,
    kind: KIND_LABELS[bar.kind],
    text: formatNumber(bar.value),
    weight: bar.kind === "reapool" ? "reapool" : "other",
  }));
  const y = {
    field: "name",
    type: "nominal",
    sort: bars.map(({ name }) => name),
    axis: {
      title: null,
      labelFontWeight: { condition: { test: "datum.value === 'reapool'", value: 700 }, value: 400 },
      labelPadding: 8,
      labelLimit: 240,
      minExtent: 130,
    },
    scale: { paddingInner: 0.28, paddingOuter: 0.1 },
  } as const;
  const x = {
    field: "value",
    type: "quantitative",
    axis: null,
    scale: { domainMin: 0, domainMax: longest * LABEL_ROOM },
  } as const;
  return {
    title: {
      text: title,
      anchor: "start",
      frame: "group",
      fontSize: 13.5,
      fontWeight: 600,
      color: theme.text,
      offset: 6,
    },
    width: WIDTH,
    height: { step: BAR_STEP },
    data: { values: rows },
    encoding: { y, x },
    layer: [
      {
        mark: { type: "bar", cornerRadiusEnd: 2 },
        encoding: {
          color: {
            field: "kind",
            type: "nominal",
            scale: {
              domain: kinds.map((kind) => KIND_LABELS[kind]),
              range: kinds.map((kind) => theme.colors[kind]),
            },
            legend: hasLegend ? { title: null, orient: "top", direction: "horizontal", offset: 8 } : null,
          },
        },
      },
      {
        transform: [{ filter: "datum.weight === 'other'" }],
        mark: { type: "text", align: "left", dx: 6, color: theme.faint, fontSize: 12 },
        encoding: { text: { field: "text" } },
      },
      {
        transform: [{ filter: "datum.weight === 'reapool'" }],
        mark: { type: "text", align: "left", dx: 6, color: theme.text, fontSize: 12, fontWeight: 700 },
        encoding: { text: { field: "text" } },
      },
    ],
  };
}
