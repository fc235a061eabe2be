/**
 * `npm run matrix`: builds, bundles and deploys as users do, with the packed packages, and starts what comes of it. The table
 * goes to stdout or into docs/deploy.md, everything else to stderr.
 */
import { mkdirSync, mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { RuntimeName } from "@reapool/measuring/runtimes";
import { markdownTable } from "markdown-table";
import { writeRows } from "./document.ts";
import { canSeeProcesses } from "./leftovers.ts";
import { buildAndMove, installPackages, OfflineError } from "./project.ts";
import { linkToSection, type ShapeResults, toRows } from "./report.ts";
import { parseCommandLine } from "./settings.ts";
import { commandIn, type NamedShape, readShape, shapeNames } from "./shape.ts";
import { type Result, startIn } from "./start.ts";
import { BUILDER, makeSurroundings } from "./surroundings.ts";
import { packPackages } from "./tarballs.ts";

/** So many of what a failed command has said are shown from its beginning, and as many from its end. */
const MOST_LINES = 25;

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => process.exit(130));
const settings = parseCommandLine(process.argv.slice(2), shapeNames());
if (!canSeeProcesses) {
  console.error("Expected /proc to be mounted: what is left over is read from it. Linux only");
  process.exit(1);
}

const all = await Promise.all((settings.names.length > 0 ? settings.names : shapeNames()).map(readShape));
const shapes = settings.quick ? all.filter(({ isQuick }) => isQuick) : all;
const folder = realpathSync(mkdtempSync(join(tmpdir(), "matrix-")));
let isKept = false;
process.on("exit", () => {
  if (!isKept) rmSync(folder, { recursive: true, force: true });
});
const place = (name: string) => {
  mkdirSync(join(folder, name));
  return join(folder, name);
};
const { runtimes, environmentFor } = makeSurroundings(place("runtimes"));
const packed = place("packed");
const tarballs = await packPackages(packed);
const installed = await installPackages(place("installed"), tarballs, environmentFor(BUILDER));

const results: ShapeResults[] = [];
for (const shape of shapes) results.push({ shape, results: await play(shape) });

if (settings.write) {
  const every = await Promise.all(shapeNames().map(readShape));
  writeRows(
    toRows(results, runtimes, linkToSection),
    every.map(({ title }) => linkToSection(title)),
  );
} else console.log(markdownTable(toRows(results, runtimes)));
const kinds = results.flatMap(({ results }) => [...results.values()].map(({ kind }) => kind));
const isBroken = kinds.includes("broken");
if (isBroken) console.error("✘ Not every shape did what it must");
else if (!kinds.some((kind) => kind === "passed" || kind === "refused"))
  console.error("✘ Nothing was started");
process.exitCode = isBroken || !kinds.some((kind) => kind === "passed" || kind === "refused") ? 1 : 0;

async function play(shape: NamedShape): Promise<Map<RuntimeName, Result>> {
  const started = performance.now();
  const target = join(folder, shape.name);
  const found = await playIn(shape, join(folder, `${shape.name}-project`), target);
  const wrong = [...found].flatMap(([name, result]) => ("reason" in result ? [{ name, ...result }] : []));
  const isFaulty = wrong.some(({ kind }) => kind === "broken");
  const seconds = ((performance.now() - started) / 1_000).toFixed(1);
  console.error(`${isFaulty ? "✘" : "✔"} ${shape.name}, ${seconds} s`);
  // A build that fails does so for all of them.
  for (const [reason, same] of Map.groupBy(wrong, ({ reason }) => reason)) {
    const names = same.map(({ name }) => name).join(", ");
    console.error(shorten(`${same[0]?.kind} in ${names}: ${reason}`).replaceAll(/^/gm, "  "));
  }
  if (isFaulty && settings.keep) {
    isKept = true;
    console.error(`  kept: ${folder}/${shape.name}*`);
  }
  return found;
}

/** The beginning says what was expected, the end mostly why not. */
function shorten(text: string): string {
  const lines = text.split("\n");
  if (lines.length <= 2 * MOST_LINES) return text;
  return [...lines.slice(0, MOST_LINES), "…", ...lines.slice(-MOST_LINES)].join("\n");
}

async function playIn(shape: NamedShape, project: string, target: string): Promise<Map<RuntimeName, Result>> {
  const names = [...runtimes.keys()].filter((name) => commandIn(shape, name) !== undefined);
  const same = (result: Result) => new Map(names.map((name) => [name, result]));
  try {
    await buildAndMove(shape, { project, target, packed, installed, env: environmentFor(BUILDER) });
  } catch (error) {
    const { message } = error as Error;
    return same({ kind: error instanceof OfflineError ? "skipped" : "broken", reason: message });
  }
  const found = new Map<RuntimeName, Result>();
  for (const name of names) found.set(name, await startIn(shape, name, target, environmentFor(name)));
  if (!settings.keep) rmSync(target, { recursive: true, force: true });
  return found;
}
