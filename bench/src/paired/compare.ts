/**
 * Two checkouts of this project, before and after a change, alternating: each measurement in a fresh process, one
 * pair at a time, with the order swapped in every second round. Prints the ratios on stdout and writes them to a
 * folder.
 */
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { ROOT } from "@reapool/measuring/runtimes";
import Table from "cli-table3";
import { markdownTable } from "markdown-table";
import { describeMachine } from "../machine.ts";
import { findRuntimes, makeTemporary } from "../measure.ts";
import { startProgress } from "../progress.ts";
import { refuseToMeasureNothing } from "../run.ts";
import type { Settings } from "../settings.ts";
import { runSubject } from "../subject-process.ts";
import type { Measured } from "../workloads/workload.ts";
import { HEAD, type Line, linesOf, type Pair, toCells } from "./ratios.ts";
import { type Variant, variantsOf } from "./variants.ts";

const IN_FLIGHT = [1, 16, 256, 4096];
const SUBJECT = fileURLToPath(new URL("./subject.ts", import.meta.url));
const USUAL_FOLDER = fileURLToPath(new URL("../../results/partial", import.meta.url));

/** Calls of a fresh pool; fewer with one in flight, which takes longer for each. */
const coldCalls = (inFlight: number) => (inFlight === 1 ? 10_000 : 40_000);
/** In ms. */
const warmTime = ({ quick }: Settings) => (quick ? 300 : 1_000);
const DEADLINE_MS = 45_000;

interface Case {
  readonly variant: Variant;
  readonly inFlight: number;
}

/** The exit status. */
export async function compare(
  settings: Settings,
  [before = "", after = ROOT]: readonly string[],
): Promise<number> {
  const folders = { before: resolve(before), after: resolve(after) };
  for (const folder of Object.values(folders)) {
    if (existsSync(fileURLToPath(entryIn(folder, "node", settings)))) continue;
    console.error(`Expected a checkout of this project whose packages are built, received ${folder}`);
    return 2;
  }
  const machine = describeMachine();
  const variants = findRuntimes(settings).flatMap(variantsOf);
  const pattern = new RegExp(settings.filter ?? "", "i");
  const cases = variants
    .flatMap((variant) => IN_FLIGHT.map((inFlight) => ({ variant, inFlight })))
    .filter(({ variant, inFlight }) => pattern.test(nameOf({ variant, inFlight })));
  if (cases.length === 0) refuseToMeasureNothing(settings);

  const { pairs, failures } = await runPairs(cases, folders, settings);
  const lines = linesOf(pairs);
  const about = [
    `${machine.cpu}, ${machine.cores} cores, ${machine.memoryGiB} GiB, ${machine.kernel}, load ${machine.load} when it began`,
    `add(n, 1), two workers. Cold: the first 40,000 calls of a fresh pool (10,000 with one in flight). Warm: ${warmTime(settings)} ms after them`,
    "Medians of pairs, and the smallest and largest in brackets; the two of a pair ran one right after the other, each in a fresh process",
    ...(settings.quick ? ["**Quick**: not to be told"] : []),
    ...(settings.source ? ["**From source**"] : []),
    ...failures,
  ];
  const out = settings.out ?? USUAL_FOLDER;
  mkdirSync(out, { recursive: true });
  const when = new Date().toISOString();
  writeFileSync(
    join(out, "paired.json"),
    `${JSON.stringify({ when, machine, pairs, failures }, undefined, 1)}\n`,
  );
  writeFileSync(join(out, "paired.md"), toMarkdown(lines, about));
  console.log(toTable(lines));
  console.error(`Written to ${relative(process.cwd(), out)}`);
  return failures.length === 0 && pairs.length > 0 ? 0 : 1;
}

async function runPairs(
  cases: readonly Case[],
  folders: { readonly before: string; readonly after: string },
  settings: Settings,
): Promise<{ pairs: Pair[]; failures: string[] }> {
  const temporary = makeTemporary();
  const pairs: Pair[] = [];
  const failures: string[] = [];
  const progress = startProgress(cases.length * settings.rounds);
  const run = (folder: string, { variant, inFlight }: Case) => {
    const entry = entryIn(folder, adapterOf(variant), settings).href;
    const args = [SUBJECT, entry, inFlight, coldCalls(inFlight), warmTime(settings)].map(String);
    const { source } = settings;
    return runSubject({ ...variant, args, source, temporary, deadline: DEADLINE_MS });
  };
  for (let round = 0; round < settings.rounds; round++) {
    const start = performance.now();
    const order = round % 2 === 0 ? (["before", "after"] as const) : (["after", "before"] as const);
    for (const one of cases) {
      progress.step(nameOf(one));
      const measured: { before?: Measured; after?: Measured } = {};
      for (const side of order) {
        const report = await run(folders[side], one);
        if (report.failure === undefined) measured[side] = report.measured;
        else {
          const why = report.failure.replaceAll(folders[side], ""); // no path of this machine
          failures.push(`${side}, ${nameOf(one)}, round ${round + 1}: ${why}`);
        }
      }
      const { before, after } = measured;
      if (before === undefined || after === undefined) progress.say(failures.at(-1) ?? "");
      else pairs.push({ label: one.variant.label, inFlight: one.inFlight, round, before, after });
    }
    const seconds = Math.round((performance.now() - start) / 1_000);
    progress.say(`round ${round + 1} of ${settings.rounds}, ${seconds} s`);
  }
  progress.stop();
  return { pairs, failures };
}

const nameOf = ({ variant, inFlight }: Case) =>
  `${inFlight} in flight, ${variant.label} (${variant.runtime.name})`;

const adapterOf = ({ runtime }: Variant) => (runtime.name.startsWith("node") ? "node" : runtime.name);

function entryIn(folder: string, adapter: string, { source }: Settings): URL {
  return pathToFileURL(join(folder, "packages", adapter, source ? "src/index.ts" : "dist/index.js"));
}

function toTable(lines: readonly Line[]): string {
  const table = new Table({ head: HEAD, style: { head: [], border: [], compact: true } });
  table.push(...lines.map(toCells));
  return table.toString();
}

function toMarkdown(lines: readonly Line[], about: readonly string[]): string {
  const align = HEAD.map((_, place) => (place === 0 || place === 2 ? "l" : "r"));
  const parts = [
    "# Before and after",
    about.map((line) => `- ${line}`).join("\n"),
    markdownTable([HEAD, ...lines.map(toCells)], { align }),
  ];
  return `${parts.join("\n\n")}\n`;
}
