// `npm run example -- RUNTIME [NAME] [ARGUMENT ...]`: runs an example from the sources, in one of the installed runtimes.
// A copy of its folder, with reapool installed, is run by the runtime alone.
import { spawn } from "node:child_process";
import { readdirSync } from "node:fs";
import { constants } from "node:os";
import * as runtimes from "@reapool/runtimes";

const { bun, deno, node22, node24, node26 } = runtimes;
const EXECUTABLES = { node: node24, bun, deno, node22, node24, node26 };
const EXAMPLES = readdirSync("examples", { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && entry.name !== "node_modules")
  .map(({ name }) => name);

const [runtime, name = "quick-start", ...args] = process.argv.slice(2);
const executable = EXECUTABLES[runtime];
if (!Object.hasOwn(EXECUTABLES, runtime ?? "") || !EXAMPLES.includes(name)) {
  console.error(`Expected \`npm run example -- RUNTIME [NAME] [ARGUMENT ...]\`
  RUNTIME  ${Object.keys(EXECUTABLES).join(", ")}
  NAME     ${EXAMPLES.join(", ")}; quick-start by default`);
  process.exit(2);
}
if (executable === undefined) {
  console.error(`Expected ${runtime} to be installed`);
  process.exit(1);
}
const program = spawn(
  executable,
  [...(runtime === "deno" ? ["run", "-A"] : []), `examples/${name}/main.ts`, ...args],
  {
    stdio: "inherit",
    env: {
      DENO_NO_UPDATE_CHECK: "1",
      ...process.env,
      ...runtimes.sourceEnvironment,
      // Those that show all runtimes start the others themselves.
      ...Object.fromEntries(
        Object.entries({ EXAMPLE_NODE: node24, EXAMPLE_BUN: bun, EXAMPLE_DENO: deno }).filter(
          ([, file]) => file !== undefined,
        ),
      ),
    },
  },
);
// A terminal sends its signals to both; what another process sends to this one goes on to the example.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
  process.on(signal, () => {
    if (signal !== "SIGINT" || !process.stdin.isTTY) program.kill(signal);
  });
}
program.on("exit", (code, signal) => {
  process.exitCode = signal === null ? code : 128 + constants.signals[signal];
});
