// Runs the suite natively inside each runtime and adds the results up. Arguments go to Vitest, but for
// --runtime=NAME[,NAME], which picks from: node22, node24, node26, bun, deno.
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bun, deno, node22, node24, node26, sourceEnvironment } from "@reapool/runtimes";

const VITEST = "node_modules/vitest/vitest.mjs";
const RUNTIMES = {
  node22: [node22, VITEST],
  node24: [node24, VITEST],
  node26: [node26, VITEST],
  bun: [bun, "--bun", "--preload", "./scripts/bun-vitest-forks.ts", VITEST],
  deno: [deno, "run", "-A", VITEST],
};

const isPick = (argument) => argument.startsWith("--runtime=");
const picked = process.argv.find(isPick)?.slice("--runtime=".length).split(",") ?? Object.keys(RUNTIMES);
for (const name of picked) {
  if (name in RUNTIMES) continue;
  console.error(`Expected --runtime to name one of ${Object.keys(RUNTIMES).join(", ")}, received ${name}`);
  process.exit(2);
}
const vitestArguments = process.argv.slice(2).filter((argument) => !isPick(argument));
// `minimal` prints what failed and a summary.
const reporters = vitestArguments.some((argument) => argument.startsWith("--reporter"))
  ? []
  : ["--reporter=minimal"];
const reports = mkdtempSync(join(tmpdir(), "suite-"));
const total = { passed: 0, failed: 0, skipped: 0 };
const lines = [];

for (const name of picked) {
  const [executable, ...runtimeArguments] = RUNTIMES[name];
  if (executable === undefined) {
    total.skipped++;
    lines.push(`${name}: skipped, the runtime is not installed`);
    continue;
  }
  console.log(`\n--- ${name} ---`);
  const report = join(reports, `${name}.json`);
  const run = spawnSync(
    executable,
    [
      ...runtimeArguments,
      "run",
      ...reporters,
      "--reporter=json",
      `--outputFile.json=${report}`,
      ...vitestArguments,
    ],
    { stdio: ["ignore", "inherit", "inherit"], env: environmentOf(name) },
  );
  lines.push(`${name}: ${summarise(name, run.status, report)}`);
}

rmSync(reports, { recursive: true, maxRetries: 5 });
console.log(`\n${lines.join("\n")}`);
console.log(`${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
process.exitCode = total.failed > 0 || total.passed === 0 ? 1 : 0;

/**
 * Node's workers keep in a folder what they have stripped and compiled of the sources: without, each start spends
 * most of its time on that. The folder is of this run alone, so nothing in it is ever out of date.
 */
function environmentOf(name) {
  const environment = { ...process.env, ...sourceEnvironment, NODE_COMPILE_CACHE: join(reports, name) };
  if (name !== "node22") return environment;
  mkdirSync(environment.NODE_COMPILE_CACHE);
  const preload = new URL("./node-strip-cache.mjs", import.meta.url);
  const options = `${environment.NODE_OPTIONS} --disable-warning=ExperimentalWarning --import=${preload}`; // of stripping
  return { ...environment, NODE_OPTIONS: options };
}

/** A run that fails without a failed test (a crash, no test found) counts as one failure. */
function summarise(name, status, report) {
  let passed = 0;
  let failed = 0;
  let skipped = 0;
  try {
    const results = JSON.parse(readFileSync(report, "utf8"));
    passed = results.numPassedTests;
    failed = results.numFailedTests;
    skipped = results.numPendingTests + results.numTodoTests;
  } catch {
    console.error(`${name} wrote no report`);
  }
  if (status !== 0 && failed === 0) failed = 1;
  total.passed += passed;
  total.failed += failed;
  total.skipped += skipped;
  return `${passed} passed, ${failed} failed, ${skipped} skipped`;
}
