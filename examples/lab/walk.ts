/** The output while the lab runs: an introduction to each row, then each experiment step by step. Shows only. */
import type { WriteStream } from "node:tty";
import { styleText } from "node:util";
import type { Lab, Step } from "./lab.ts";
import type { Outcome } from "./results.ts";
import { outcomeText } from "./results.ts";
import type { Experiment, Row } from "./row.ts";
import { label } from "./wording.ts";

export interface Walk {
  row(row: Row): void;
  experiment(experiment: Experiment): void;
  /** The label of the runtime goes before the first of an experiment. */
  step(step: Step, lab: Lab): void;
  outcome(outcome: Outcome, lab: Lab): void;
}

/** Where it is not a terminal; the width of one where it does not say. */
const COLUMNS = 110;

export function createWalk(stream: WriteStream): Walk {
  const style = (format: Parameters<typeof styleText>[0], text: string) =>
    styleText(format, text, { stream });
  const write = (text = "") => void stream.write(`${text}\n`);
  const columns = () => stream.columns ?? COLUMNS;
  const paragraph = (indent: string, text: string) => {
    const lines = wrap(text, Math.min(columns(), COLUMNS) - indent.length);
    for (const line of lines)
      write(`${indent}${line.replace(/^Way out:/, (words) => style("green", words))}`);
  };
  let labelled: Lab | undefined;
  const begin = (lab: Lab) => {
    if (labelled === lab) return;
    labelled = lab;
    write(`\n${style(["bold", "cyan"], label(lab.runtime, lab.version))}`);
  };
  return {
    row({ number, title, how, wayOut }) {
      write(`\n${style("dim", "━".repeat(Math.min(columns(), COLUMNS)))}`);
      write(style("bold", `${number}  ${title}`));
      paragraph("   ", how);
      paragraph("   ", `Way out: ${wayOut}`);
    },
    experiment({ name }) {
      if (name !== "") write(`\n${style("bold", `${name[0]?.toUpperCase()}${name.slice(1)}`)}`);
    },
    step({ text, lines }, lab) {
      begin(lab);
      paragraph("  ", text);
      const width = columns() - INDENT.length;
      const [head, ...rows] = lines.map((line) =>
        line.length > width ? `${line.slice(0, width - 1)}…` : line,
      );
      if (head === undefined) write(`${INDENT}${style("dim", "(none of them is there)")}`);
      else write(`${INDENT}${style("dim", head)}`);
      for (const row of rows)
        write(`${INDENT}${row.replace(ZOMBIE, (state) => style(["bold", "red"], state))}`);
    },
    outcome(outcome, lab) {
      begin(lab);
      const [format, sign] = SIGNS[outcome.status];
      write(`  ${style(format, `${sign} ${outcomeText(outcome)}`)}`);
    },
  };
}

function wrap(text: string, width: number): string[] {
  const fitting = new RegExp(`\\S.{0,${Math.max(width, 20) - 2}}\\S(?=\\s|$)|\\S+`, "g");
  return text.match(fitting) ?? [];
}

const INDENT = "    ";
/** The state in a line of `ps`, behind three numbers, if it begins with Z. */
const ZOMBIE = /(?<=^(?:\s*\d+){3}\s+)Z\S*/;
const SIGNS = {
  shown: ["green", "✔"],
  unavailable: ["yellow", "–"],
  failed: ["red", "✘"],
} as const;
