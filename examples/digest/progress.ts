/** The progress while it runs, on stderr: a bar on a terminal, plain lines otherwise. stdout is left to the results. */
import { styleText } from "node:util";
import { type Options, SingleBar } from "cli-progress";
import type { JobProgress } from "./messages.ts";
import { counted, LABEL_WIDTH, whole } from "./wording.ts";

/** The progress of one runtime after another. */
export interface ProgressView {
  begin(label: string): void;
  update(progress: JobProgress): void;
  /** A phrase for what happens now, when it is not the job; replaces the last one. */
  tell(what: string): void;
  /** The end of the job or of that phrase; even when it ends early. */
  end(): void;
}

export function createProgressView(totalFiles: number): ProgressView {
  const isTerminal = process.stderr.isTTY && process.env.TERM !== "dumb";
  return isTerminal ? new Bar(totalFiles) : new Lines(totalFiles);
}

const LINE_EVERY_MS = 2_000;

class Lines implements ProgressView {
  readonly #totalFiles: number;
  #label = "";
  #latest: JobProgress | undefined;
  #writtenAt = 0;

  constructor(totalFiles: number) {
    this.#totalFiles = totalFiles;
  }

  begin(label: string): void {
    this.#label = label;
    this.#latest = undefined;
    this.#write("  0%  started");
  }

  update(progress: JobProgress): void {
    this.#latest = progress;
    if (performance.now() - this.#writtenAt >= LINE_EVERY_MS) this.#write(this.#state(progress));
  }

  tell(what: string): void {
    this.#write(what);
  }

  end(): void {
    if (this.#latest !== undefined) this.#write(this.#state(this.#latest));
    this.#latest = undefined;
  }

  #state({ files, tasks, totalTasks, kills }: JobProgress): string {
    const percent = `${Math.floor((100 * tasks) / totalTasks)}%`.padStart(4);
    return `${percent}  ${whole(files)} of ${counted(this.#totalFiles, "file")}, ${counted(kills, "kill")}`;
  }

  #write(what: string): void {
    this.#writtenAt = performance.now();
    process.stderr.write(`${this.#label.padEnd(LABEL_WIDTH)}  ${what}\n`);
  }
}

const BAR_WIDTH = 24;
const OPTIONS: Options = { hideCursor: true, fps: 20 };

class Bar implements ProgressView {
  readonly #totalFiles: number;
  #label = "";
  #bar: SingleBar | undefined;

  constructor(totalFiles: number) {
    this.#totalFiles = totalFiles;
  }

  begin(label: string): void {
    this.#label = label;
    this.#bar = new SingleBar({
      ...OPTIONS,
      format: (_options, { progress }, payload) => this.#line(progress, payload as Payload),
    });
    this.#bar.start(1, 0, { files: 0, kills: 0 } satisfies Payload);
  }

  update({ files, tasks, totalTasks, kills }: JobProgress): void {
    this.#bar?.update(tasks / totalTasks, { files, kills } satisfies Payload);
  }

  /** A line that changes in place, like the bar: only its format has no bar in it. */
  tell(what: string): void {
    if (this.#bar === undefined) {
      this.#bar = new SingleBar({
        ...OPTIONS,
        format: (_options, _parameters, { what }) =>
          `${this.#label.padEnd(LABEL_WIDTH)}  ${style("dim", what)}`,
      });
      this.#bar.start(1, 0, { what });
    } else this.#bar.update(0, { what });
  }

  end(): void {
    this.#bar?.stop();
    this.#bar = undefined;
  }

  #line(progress: number, { files, kills }: Payload): string {
    const done = Math.round(progress * BAR_WIDTH);
    const bar = style("cyan", "━".repeat(done)) + style("dim", "─".repeat(BAR_WIDTH - done));
    const percent = `${Math.floor(progress * 100)}%`.padStart(4);
    const total = whole(this.#totalFiles);
    const counts = `${whole(files).padStart(total.length)} of ${total} files, ${counted(kills, "kill")}`;
    return `${this.#label.padEnd(LABEL_WIDTH)}  ${bar} ${percent}  ${style("dim", counts)}`;
  }
}

interface Payload {
  readonly files: number;
  readonly kills: number;
}

/** Plain if the user or the terminal wants no colour. */
function style(format: "cyan" | "dim", text: string): string {
  return styleText(format, text, { stream: process.stderr });
}
