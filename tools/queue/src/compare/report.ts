/** The comparison as Markdown and as JSON. PURE. */
import type { RuntimeLabel } from "@reapool/measuring/runtimes";
import { markdownTable } from "markdown-table";
import type { Compared } from "./compare.ts";

export interface Comparison extends RuntimeLabel {
  readonly engine: string;
  /** Of BullMQ. */
  readonly version: string;
  readonly rows: readonly Compared[];
}

export function toMarkdown(comparisons: readonly Comparison[]): string {
  return comparisons
    .map(({ label, engine, version, rows }) =>
      [
        `BullMQ ${version}, ${label}, ${engine}:`,
        markdownTable([
          ["", "BullMQ's sandbox", "a pool behind BullMQ"],
          ...rows.map(({ title, sandbox, pool }) => [title, sandbox.text, pool.text].map(escapeCell)),
        ]),
      ].join("\n\n"),
    )
    .join("\n\n");
}

const escapeCell = (text: string): string => text.replaceAll("|", "\\|");

/** Whether the pool dealt with every fault. */
export function isGood(comparisons: readonly Comparison[]): boolean {
  return comparisons.length > 0 && comparisons.every(({ rows }) => rows.every(({ pool }) => pool.isGood));
}

export function toJson(comparisons: readonly Comparison[]): string {
  return JSON.stringify({ ok: isGood(comparisons), comparisons }, undefined, 2);
}
