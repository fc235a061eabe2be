// Builds the JavaScript of every package by tsup, in a second or two: declarations are left to tsc, and stay as they are.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync, statSync } from "node:fs";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";

const tools = fileURLToPath(new URL("../node_modules/.bin", import.meta.url));
const env = { ...process.env, PATH: `${tools}${delimiter}${process.env.PATH}` };

/** A package without a configuration is bundled into others. */
export const builtPackages = () =>
  readdirSync("packages")
    .map((name) => join("packages", name))
    .filter((path) => existsSync(join(path, "tsup.config.ts")));

export async function buildJavaScript() {
  const statuses = await Promise.all(
    builtPackages().map(async (cwd) => {
      const [status] = await once(spawn("tsup", ["--silent"], { stdio: "inherit", cwd, env }), "exit");
      return status;
    }),
  );
  if (statuses.some((status) => status !== 0)) process.exit(1);
}

/** Builds only when something that it is made of has changed since. */
export async function updateJavaScript() {
  const sources = readdirSync("packages").flatMap((name) => [
    ...["package.json", "tsup.config.ts"].map((file) => join("packages", name, file)),
    ...within(join("packages", name, "src")), // its folders too: they change when a file is removed
  ]);
  const outputs = builtPackages().map((path) =>
    within(join(path, "dist")).filter((file) => file.endsWith(".js")),
  );
  const isThere = outputs.every(({ length }) => length > 0);
  const newest = Math.max(...["tsup.base.ts", ...sources].map(changedAt));
  const oldest = Math.min(...outputs.flat().map(changedAt));
  if (!isThere || newest >= oldest) await buildJavaScript();
}

function within(folder) {
  if (!existsSync(folder)) return [];
  return [folder, ...readdirSync(folder, { recursive: true }).map((file) => join(folder, file))];
}

function changedAt(file) {
  return existsSync(file) ? statSync(file).mtimeMs : 0;
}
