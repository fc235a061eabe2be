// Runs the suite natively inside each runtime, on packages that are built first, and adds the results up: `npm test --
// --help` tells of its arguments.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bun, deno, node22, node24, node26 } from "@reapool/runtimes";
import { updateJavaScript } from "./javascript.mjs";

const VITEST = "node_modules/vitest/vitest.mjs";
const RUNTIMES = {
  node22: [node22, VITEST],
  node24: [node24, VITEST],
  node26: [node26, VITEST],
  bun: [bun, "--bun", "--preload", "./scripts/bun-vitest-forks.ts", VITEST],
  deno: [deno, "run", "-A", VITEST],
};
const NEWEST_NODE = "node26";
/** What each runs of all; tests/support/selection.ts has the reasons. */
const SELECTIONS = {
  node22: "of-version",
  node24: "whole",
  node26: "of-version",
  bun: "of-runtime",
  deno: "of-runtime",
};
/** Runtimes at the same time: a test waits for its processes, and at the end of a run most cores are idle. */
const AT_ONCE = 2;

const HELP = `npm test -- [--runtime=NAME,...] [PATTERN ...] [OPTION ...]

  --runtime=NAME,...  the runtimes to test in, all by default: ${Object.keys(RUNTIMES).join(", ")};
                      node is the newest Node
  PATTERN             runs the test files alone whose path it is a part of: a folder, a file, or a part of a name
  -t NAME             runs the tests alone whose name it is a part of
  --whole             every test in each of them
  OPTION              any other option of Vitest, its value behind an equals sign, such as --bail=1 or
                      --reporter=verbose; node_modules/.bin/vitest --help lists them

Without a pattern node24 runs every test, bun and deno those that a runtime has a part in, node22 and node26 those that
another version of Node can decide: tests/support/selection.ts lists them. With a pattern each runs all that match.`;

const { names, isWhole, vitestArguments } = parse(process.argv.slice(2));
await updateJavaScript();
const { total, lines } = await runAll();
console.log(`\n${lines.join("\n")}`);
console.log(`${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
if (total.passed + total.failed === 0)
  console.error("Expected a test to run: no name matches, or all are skipped");
process.exitCode = total.failed > 0 || total.passed === 0 ? 1 : 0;

function parse(given) {
  if (given.includes("--help") || given.includes("-h")) {
    console.log(HELP);
    process.exit(0);
  }
  let names = Object.keys(RUNTIMES);
  const patterns = [];
  let isWhole = false;
  const vitestArguments = [];
  for (let i = 0; i < given.length; i++) {
    const argument = given[i];
    if (argument.startsWith("--runtime=")) names = namesIn(argument.slice("--runtime=".length));
    else if (argument === "--whole") isWhole = true;
    else if (argument === "--runtime") fail("Expected --runtime=NAME, with an equals sign");
    else if (argument === "-t" || argument === "--testNamePattern") {
      vitestArguments.push(argument, given[++i] ?? fail(`Expected a name behind ${argument}`));
    } else {
      if (!argument.startsWith("-")) patterns.push(argument);
      vitestArguments.push(argument);
    }
  }
  const files = testFiles();
  for (const pattern of patterns) {
    if (files.some((file) => file.includes(pathOf(pattern)))) continue;
    fail(`Expected ${pattern} to be a part of the path of a test file; none of ${files.length} matches`);
  }
  return { names, isWhole: isWhole || patterns.length > 0, vitestArguments };
}

function namesIn(list) {
  const names = list.split(",").map((name) => (name === "node" ? NEWEST_NODE : name));
  for (const name of names) {
    if (!(name in RUNTIMES)) {
      fail(`Expected --runtime to name one of node, ${Object.keys(RUNTIMES).join(", ")}, received ${name}`);
    }
  }
  return [...new Set(names)];
}

/** As Vitest takes it: it may name a line of the file, and begin where the shell stands. */
function pathOf(pattern) {
  return pattern.replace(/:\d+$/, "").replace(`${process.cwd()}/`, "").replace(/^\.\//, "");
}

function testFiles() {
  const folders = ["tests", ...readdirSync("packages").map((name) => `packages/${name}/tests`)];
  const isTest = (file) => file.endsWith(".test.ts") && !/node_modules|^tests\/deploy\//.test(file);
  return folders.flatMap(filesIn).filter(isTest);
}

function filesIn(folder) {
  try {
    return readdirSync(folder, { recursive: true }).map((file) => join(folder, file));
  } catch (error) {
    if (error.code === "ENOENT") return []; // a package without tests
    throw error;
  }
}

function fail(message) {
  console.error(message);
  process.exit(2);
}

async function runAll() {
  const total = { passed: 0, failed: 0, skipped: 0 };
  const lines = new Map(names.map((name) => [name, ""]));
  const reports = mkdtempSync(join(tmpdir(), "suite-"));
  // The longest first: at the end no other waits.
  const waiting = names.toSorted((a, b) => Number(isLong(b)) - Number(isLong(a)));
  const runNext = async () => {
    const name = waiting.shift();
    if (name === undefined) return;
    const { passed, failed, skipped, line } = await runIn(name, reports);
    total.passed += passed;
    total.failed += failed;
    total.skipped += skipped;
    lines.set(name, `${name}: ${line}`);
    return runNext();
  };
  await Promise.all(Array.from({ length: AT_ONCE }, runNext));
  rmSync(reports, { recursive: true, maxRetries: 5 });
  return { total, lines: [...lines.values()] };
}

function isLong(name) {
  return SELECTIONS[name] === "whole";
}

async function runIn(name, reports) {
  const [executable, ...runtimeArguments] = RUNTIMES[name];
  if (executable === undefined) {
    return { passed: 0, failed: 0, skipped: 1, line: "skipped, the runtime is not installed" };
  }
  const report = join(reports, `${name}.json`);
  // `minimal` prints what failed and a summary.
  const reporters = vitestArguments.some((argument) => argument.startsWith("--reporter"))
    ? []
    : ["--reporter=minimal"];
  const started = performance.now();
  const status = await printing(
    `\n--- ${name} ---\n`,
    executable,
    [
      ...runtimeArguments,
      "run",
      ...reporters,
      "--reporter=json",
      `--outputFile.json=${report}`,
      ...vitestArguments,
    ],
    environmentOf(name, reports),
  );
  const seconds = Math.round((performance.now() - started) / 1_000);
  const counts = countsIn(name, status, report);
  const { passed, failed, skipped } = counts;
  return { ...counts, line: `${passed} passed, ${failed} failed, ${skipped} skipped in ${seconds} s` };
}

/** One runtime alone prints as it goes; of several, each prints when it has ended. */
async function printing(title, file, args, env) {
  const isAlone = names.length === 1;
  if (isAlone) process.stdout.write(title);
  const child = spawn(file, args, {
    stdio: ["ignore", ...(isAlone ? ["inherit", "inherit"] : ["pipe", "pipe"])],
    env,
  });
  const said = [Buffer.from(title)];
  child.stdout?.on("data", (bytes) => said.push(bytes));
  child.stderr?.on("data", (bytes) => said.push(bytes));
  const [status] = await once(child, "close");
  if (!isAlone) process.stdout.write(Buffer.concat(said));
  return status;
}

/** Node's workers keep in a folder what they have compiled. It is of this run alone, so nothing in it is ever out of date. */
function environmentOf(name, reports) {
  const selection = isWhole ? "whole" : SELECTIONS[name];
  return { ...process.env, NODE_COMPILE_CACHE: join(reports, name), TEST_SELECTION: selection };
}

/** A run that fails without a failed test (a crash, no test found) counts as one failure. */
function countsIn(name, status, report) {
  let [passed, failed, skipped] = [0, 0, 0];
  try {
    const results = JSON.parse(readFileSync(report, "utf8"));
    passed = results.numPassedTests;
    failed = results.numFailedTests;
    skipped = results.numPendingTests + results.numTodoTests;
  } catch {
    console.error(`${name} wrote no report`);
  }
  if (status !== 0 && failed === 0) failed = 1;
  return { passed, failed, skipped };
}
