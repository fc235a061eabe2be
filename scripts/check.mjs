// `npm run check`: what can be said of a change in a few seconds. Lint and types as a whole, and the unit tests in the
// newest Node, with few runs of each property; no test that starts a process, and no search for what nobody uses (knip
// takes a fifth of it all; `lint` has it). The three run side by side, and only what fails says more than a line. `--watch` goes on with the tests that each change touches.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { delimiter } from "node:path";
import { fileURLToPath } from "node:url";
import { node26, sourceEnvironment } from "@reapool/runtimes";

const HELP = `npm run check             lint, types and the unit tests in the newest Node
npm run check -- --watch  the unit tests that a change touches, after each change`;

const { scripts } = JSON.parse(readFileSync("package.json", "utf8"));
const tools = fileURLToPath(new URL("../node_modules/.bin", import.meta.url));
const environment = {
  ...process.env,
  ...sourceEnvironment,
  PATH: `${tools}${delimiter}${process.env.PATH}`,
  TEST_EFFORT: "quick",
};
// Vite keeps what it has transformed: the next run starts a second earlier.
const OPTIONS = "--project=*-units --fsModuleCache --reporter=minimal";
const vitest = (command) => `"${node26}" node_modules/vitest/vitest.mjs ${command} ${OPTIONS}`;

const [argument, ...more] = process.argv.slice(2);
if (more.length > 0 || ![undefined, "--watch"].includes(argument)) {
  console.error(HELP);
  process.exitCode = argument === "--help" ? 0 : 2;
} else if (node26 === undefined) {
  console.error("Expected the newest Node to be installed");
  process.exitCode = 1;
} else if (argument === "--watch") {
  start(`${vitest("watch --changed")}`, "inherit");
} else {
  const passed = await Promise.all([
    step("lint", scripts["lint:quick"]),
    step("types", scripts.typecheck),
    step("units", vitest("run")),
  ]);
  process.exitCode = passed.every(Boolean) ? 0 : 1;
}

function start(command, stdio) {
  return spawn(command, { shell: true, stdio, env: environment });
}

/** Quiet when all is well; says everything when not. */
async function step(name, command) {
  const started = performance.now();
  const child = start(command, ["ignore", "pipe", "pipe"]);
  const said = [];
  child.stdout.on("data", (bytes) => said.push(bytes));
  child.stderr.on("data", (bytes) => said.push(bytes));
  const [code] = await once(child, "close");
  if (code !== 0) process.stdout.write(Buffer.concat(said));
  const seconds = ((performance.now() - started) / 1_000).toFixed(1);
  console.log(`${name}: ${code === 0 ? "passed" : "failed"} in ${seconds} s`);
  return code === 0;
}
