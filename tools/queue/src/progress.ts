/** The progress of a run, on stderr: a bar on a terminal, some lines otherwise. stdout is left to the results. */
import { styleText } from "node:util";
import { SingleBar } from "cli-progress";
import type { Progress } from "./round.ts";

const LINE_EVERY_MS = 2_000;
const LABEL_WIDTH = 26;
const BAR_WIDTH = 24;

export interface ProgressView {
  update(progress: Progress): void;
  end(): void;
}

export function showProgress(label: string, jobs: number): ProgressView {
  const isTerminal = process.stderr.isTTY && process.env.TERM !== "dumb";
  return isTerminal ? startBar(label, jobs) : startLines(label, jobs);
}

const countsOf = ({ done, workerKills, hostKills }: Progress, jobs: number) =>
  `${done} of ${jobs} jobs, ${workerKills} workers and ${hostKills} hosts killed`;

function startBar(label: string, jobs: number): ProgressView {
  const style = (format: "cyan" | "dim", text: string) => styleText(format, text, { stream: process.stderr });
  const bar = new SingleBar({
    hideCursor: true,
    fps: 20,
    format: (_options, { progress }, { now }) => {
      const done = Math.round(progress * BAR_WIDTH);
      const line = style("cyan", "━".repeat(done)) + style("dim", "─".repeat(BAR_WIDTH - done));
      return `${label.padEnd(LABEL_WIDTH)}  ${line}  ${style("dim", countsOf(now as Progress, jobs))}`;
    },
  });
  bar.start(jobs, 0, { now: { done: 0, workerKills: 0, hostKills: 0 } satisfies Progress });
  return { update: (now) => bar.update(now.done, { now }), end: () => bar.stop() };
}

function startLines(label: string, jobs: number): ProgressView {
  let latest: Progress = { done: 0, workerKills: 0, hostKills: 0 };
  let writtenAt = 0;
  const write = () => {
    writtenAt = performance.now();
    process.stderr.write(`${label.padEnd(LABEL_WIDTH)}  ${countsOf(latest, jobs)}\n`);
  };
  return {
    update(now) {
      latest = now;
      if (performance.now() - writtenAt >= LINE_EVERY_MS) write();
    },
    end: write,
  };
}
