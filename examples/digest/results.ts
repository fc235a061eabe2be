/**
 * The output at the end: the verdict on each runtime's outcome, the table with its verdict, and the same as JSON.
 * Pure: from results to text.
 */
import { styleText } from "node:util";
import Table from "cli-table3";
import type { Settings } from "./command-line.ts";
import type { Input } from "./folder.ts";
import type { JobResult } from "./launch.ts";
import type { JobOutcome } from "./messages.ts";
import type { SecondAct } from "./second-act.ts";
import { counted, label, megabytes, size, tenths, whole } from "./wording.ts";

/** The outcome of one runtime. `secondAct` is null if the job failed already or processes can't be counted. */
export type RuntimeResult = JobResult & { readonly secondAct: SecondAct | null };

/** What is wrong with a result, in words; empty when nothing is. */
function faultsOf(result: RuntimeResult): string[] {
  if (result.status === "skipped") return [];
  if (result.status === "failed") return [result.reason];
  const { tasksLost, wrongDigests, zombies, processesLeft, problems } = result.outcome;
  const faults: string[] = [];
  if (tasksLost > 0) faults.push(`${counted(tasksLost, "task")} lost`);
  if (wrongDigests > 0) faults.push(`${counted(wrongDigests, "digest")} wrong`);
  if (zombies !== null && zombies > 0) faults.push(counted(zombies, "zombie"));
  if (processesLeft !== null && processesLeft > 0) {
    faults.push(`${counted(processesLeft, "process", "processes")} left over`);
  }
  const ofJob = faults.length === 0 ? problems : [faults.join(", "), ...problems];
  return [...ofJob, ...faultsOfSecondAct(result.secondAct)];
}

function faultsOfSecondAct(act: SecondAct | null): string[] {
  if (act === null) return [];
  const { processesExpected, processesBeforeKill, processesLeft, socketFolderLeft, problems } = act;
  const faults: string[] = [];
  if (processesBeforeKill < processesExpected) {
    faults.push(`only ${processesBeforeKill} of ${processesExpected} processes were alive before the kill`);
  }
  if (processesLeft > 0) {
    faults.push(`${counted(processesLeft, "process", "processes")} left`);
  }
  if (socketFolderLeft) faults.push("the socket's folder left");
  const all = [...problems, ...faults].join(", ");
  return all === "" ? [] : [`second act: ${all}`];
}

/** True if nothing was lost, wrong, a zombie, left over or left behind, and something ran at all. */
export function isGood(results: readonly RuntimeResult[]): boolean {
  return (
    results.some(({ status }) => status === "done") &&
    results.every((result) => faultsOf(result).length === 0)
  );
}

export function toJson(input: Input, settings: Settings, results: readonly RuntimeResult[]): string {
  const { folder, files, bytes } = input;
  const { workers, killEvery } = settings;
  const report = {
    ok: isGood(results),
    folder,
    files: files.length,
    bytes,
    workers,
    killEvery,
    runtimes: results.map((result) => {
      if (result.status !== "done") return result;
      const { runtime, version, status, outcome, secondAct } = result;
      return { runtime, version, status, ...outcome, secondAct };
    }),
  };
  return JSON.stringify(report, null, 2);
}

interface Column {
  /** A soft hyphen marks where a narrow terminal may break it. */
  readonly head: string;
  value(outcome: JobOutcome, secondAct: SecondAct | null): string;
}

const COLUMNS: readonly Column[] = [
  { head: "files", value: ({ files }) => whole(files) },
  { head: "MB", value: ({ bytes }) => tenths(megabytes(bytes)) },
  { head: "seconds", value: ({ seconds }) => tenths(seconds) },
  { head: "MB/s", value: ({ bytes, seconds }) => tenths(megabytes(bytes) / seconds) },
  { head: "kills", value: ({ kills }) => whole(kills) },
  { head: "re\u00adstarts", value: ({ restarts }) => whole(restarts) },
  { head: "tasks run\nagain", value: ({ tasksRunAgain }) => whole(tasksRunAgain) },
  { head: "tasks\nlost", value: ({ tasksLost }) => whole(tasksLost) },
  { head: "zom\u00adbies", value: ({ zombies }) => orUnknown(zombies) },
  { head: "pro\u00adcesses\nleft", value: ({ processesLeft }) => orUnknown(processesLeft) },
  { head: "gone after\nhost kill", value: (_, act) => goneAfterKill(act) },
];

/** Unknown also if nothing was alive before the kill. */
function goneAfterKill(act: SecondAct | null): string {
  if (act === null || act.processesBeforeKill === 0) return orUnknown(null);
  return act.secondsUntilGone === null ? `${act.processesLeft} left` : `${tenths(act.secondsUntilGone)} s`;
}

function orUnknown(count: number | null): string {
  return count === null ? "n/a" : whole(count);
}

/** The table has one line, between its head and its rows. */
const LINES = {
  top: "",
  "top-mid": "",
  "top-left": "",
  "top-right": "",
  bottom: "",
  "bottom-mid": "",
  "bottom-left": "",
  "bottom-right": "",
  left: "",
  "left-mid": "",
  mid: "─",
  "mid-mid": "",
  right: "",
  "right-mid": "",
  middle: "",
} as const;

/** Below this width of the terminal the columns stand closer: 80 characters are enough. */
const ROOMY_COLUMNS = 106;

export function toTable(results: readonly RuntimeResult[], terminalColumns: number = ROOMY_COLUMNS): string {
  const isRoomy = terminalColumns >= ROOMY_COLUMNS;
  const heads = COLUMNS.map(({ head }) =>
    isRoomy ? head.replaceAll("\u00ad", "") : head.replaceAll(" ", "\n").replaceAll("\u00ad", "-\n"),
  );
  const table = new Table({
    head: ["", ...heads],
    chars: LINES,
    colAligns: ["left", ...COLUMNS.map(() => "right" as const)],
    rowAligns: ["bottom"],
    style: { head: [], border: [], compact: true, "padding-left": isRoomy ? 2 : 1, "padding-right": 0 },
  });
  for (const result of results) {
    if (result.status === "done") {
      const { runtime, version, outcome, secondAct } = result;
      table.push([first(label(runtime, version)), ...COLUMNS.map(({ value }) => value(outcome, secondAct))]);
    } else {
      const why = `${result.status}: ${result.reason}`;
      table.push([first(result.runtime), { content: why, colSpan: COLUMNS.length, hAlign: "left" }]);
    }
  }
  return table.toString();
}

/** The first column begins at the margin. */
function first(content: string): Table.CellOptions {
  return { content, style: { "padding-left": 0 } };
}

/** The verdict: one sentence, or one for each problem. */
export function toVerdict(results: readonly RuntimeResult[]): string {
  const bad = results.flatMap((result) => {
    const name = result.status === "done" ? label(result.runtime, result.version) : result.runtime;
    return faultsOf(result).map((fault) => style("red", `✘ ${name}: ${fault}`));
  });
  if (bad.length > 0) return bad.join("\n");
  const done = results.filter((result) => result.status === "done");
  const [sample] = done;
  if (sample === undefined) return style("red", "✘ Nothing has run: no runtime is installed");
  const { bytes, lines, brotliBytes, zombies } = sample.outcome;
  const sizes = `${counted(lines, "line")}; ${size(bytes)} are ${size(brotliBytes)} as Brotli`;
  const remains =
    zombies === null
      ? "; without /proc nobody can say what is left over"
      : ", no zombie, nothing left over,\n  and nothing survived a SIGKILL of the host";
  const skipped = results.length - done.length;
  const except = skipped === 0 ? "" : ` (${counted(skipped, "runtime")} skipped)`;
  return `${style("dim", sizes)}\n${style("green", `✔ Every digest right, nothing lost${remains}${except}`)}`;
}

/** Plain if the user or the terminal wants no colour. */
function style(format: "green" | "red" | "dim", text: string): string {
  return styleText(format, text, { stream: process.stdout });
}
