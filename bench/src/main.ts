/**
 * `npm run bench`: measures, prints the results on stdout and writes them to a folder; everything else goes to
 * stderr.
 */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { toAdvantageTable } from "./advantage.ts";
import { renderChart } from "./chart.ts";
import { planCharts } from "./charts.ts";
import { ENTRIES, findEntry } from "./contenders/names.ts";
import { formatNumber } from "./format.ts";
import { groupLines } from "./groups.ts";
import { compareLevels } from "./levels/compare-levels.ts";
import { tablesOf, toMarkdown } from "./markdown.ts";
import { measure } from "./measure.ts";
import { fillTables } from "./page.ts";
import { compare } from "./paired/compare.ts";
import { putTogether } from "./put-together.ts";
import { linesOf, type Results } from "./results.ts";
import { isWhole, parseCommandLine, type Settings } from "./settings.ts";
import { toTables, toTargetTable } from "./table.ts";
import { findTargets, linesBehind } from "./targets.ts";
import { WORKLOADS } from "./workloads/index.ts";

const PAGE = new URL("../../docs/performance.md", import.meta.url);

const settings = parseCommandLine(process.argv.slice(2));
if (settings.levels) process.exit(await compareLevels(settings));
if (settings.paired !== undefined) process.exit(await compare(settings, settings.paired));
const results: Results =
  settings.again === undefined
    ? await measure(settings, folderOf(settings))
    : putTogether(settings.again.map((file) => JSON.parse(readFileSync(file, "utf8")) as Results));

const lines = linesOf(results, WORKLOADS, ENTRIES);
const groups = groupLines(lines, ENTRIES);
const kindOf = (name: string) => findEntry(name).kind;
const targets = findTargets({ lines, kindOf });
const behind = linesBehind({ lines, kindOf });

const folder = settings.out ?? folderOf(results.settings);
mkdirSync(folder, { recursive: true });
writeFileSync(join(folder, "results.json"), `${JSON.stringify(results, undefined, 1)}\n`);
const told = { results, groups, targets, behind };
writeFileSync(join(folder, "results.md"), toMarkdown(told));
if (settings.out === undefined && isWhole(results.settings))
  writeFileSync(PAGE, fillTables(readFileSync(PAGE, "utf8"), tablesOf(told)));
for (const chart of planCharts(lines)) {
  for (const { file, svg } of await renderChart(chart)) writeFileSync(join(folder, file), svg);
}

console.log(toTables(groups));
if (results.settings.quick) console.log(`\n${toAdvantageTable(lines, ENTRIES)}`);
if (targets.length > 0) console.log(`\n${toTargetTable(targets)}`);
if (behind.length > 0) console.log("\nA peer is ahead:");
for (const { runtime, workload, metric, peer, times } of behind)
  console.log(`  ${runtime}, ${workload}, ${metric}: ${peer}, ${formatNumber(times)} ×`);
for (const { runtime, contender, why } of results.absent)
  console.log(`${contender} not in ${runtime}: ${why}`);
console.error(`Written to ${relative(process.cwd(), folder)}`);

const isOurs = (name: string) => kindOf(name) === "reapool" || kindOf(name) === "floor";
const hasFailed =
  results.rounds.some(({ contender, report }) => isOurs(contender) && report.failure !== undefined) ||
  results.absent.some(({ contender }) => isOurs(contender));
process.exitCode = hasFailed ? 1 : 0;

function folderOf(of: Settings): string {
  const usual = new URL(isWhole(of) ? "../results" : "../results/partial", import.meta.url);
  return of.out ?? fileURLToPath(usual);
}
