/**
 * Shows the progress of the run: a bar on a terminal, otherwise a line for each round. On stderr: results go to
 * stdout.
 */
import { Presets, SingleBar } from "cli-progress";

export interface Progress {
  /** Describes the next process. */
  step(what: string): void;
  /** A line that stays. */
  say(line: string): void;
  stop(): void;
}

export function startProgress(total: number): Progress {
  if (!process.stderr.isTTY) {
    return { step: () => {}, say: (line) => console.error(line), stop: () => {} };
  }
  const bar = new SingleBar(
    {
      format: "{bar} {value}/{total} | {eta_formatted} to go | {what}",
      stream: process.stderr,
      hideCursor: true,
    },
    Presets.shades_classic,
  );
  bar.start(total, 0, { what: "" });
  return {
    step: (what) => bar.increment(1, { what }),
    say: () => {},
    stop: () => bar.stop(),
  };
}
