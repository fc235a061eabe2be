/** `npm run fuzz`: the mutation loop in each runtime, and a table of the results. */
import { findRuntime } from "@reapool/measuring/runtimes";
import { markdownTable } from "markdown-table";
import { type Run, run } from "./run.ts";
import { parseCommandLine } from "./settings.ts";

const { runtimes, order } = parseCommandLine(process.argv.slice(2));
if (order.input === undefined) console.log(`Seed ${order.seed}`);
const runs: Run[] = [];
for (const name of runtimes) {
  const runtime = findRuntime(name);
  if (runtime === undefined) {
    console.log(`${name} is not installed`);
    continue;
  }
  const ended = await run(runtime, order);
  runs.push(ended);
  for (const { target, what, index, hex } of ended.found) {
    console.log(`\n✘ ${runtime.label}, ${target}: ${what}`);
    console.log(`  npm run fuzz -- --runtime ${name} --seed ${order.seed} --from ${index}`);
    if (hex !== "") console.log(`  npm run fuzz -- --runtime ${name} --input ${target}:${hex}`);
  }
}
const rows = runs.map(({ runtime, inputs, found, seconds }) => [
  runtime.label,
  inputs.toLocaleString("en"),
  String(found.length),
  seconds.toFixed(1),
]);
console.log(
  `\n${markdownTable([["Runtime", "Inputs", "Breaches", "Seconds"], ...rows], { align: ["l", "r", "r", "r"] })}`,
);
process.exitCode = runs.length > 0 && runs.every(({ found }) => found.length === 0) ? 0 : 1;
