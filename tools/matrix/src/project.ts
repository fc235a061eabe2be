/** One shape as a project: built in a folder, moved to another one, and deleted, so that nothing can reach back to it. */
import { cpSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { type NamedShape, SHAPES } from "./shape.ts";
import { describeEnd, runShell } from "./shell.ts";

const COMMAND_MS = 300_000;

const QUIET = "--no-audit --no-fund --prefer-offline --loglevel=error";

/** What npm and the others say where there is no network; in a build, that is no fault of the shape. */
const OFFLINE =
  /\b(?:ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|EHOSTUNREACH|ENOTCACHED|ERR_SOCKET_TIMEOUT|dns error)\b/;

/** What can't be built for want of a network. */
export class OfflineError extends Error {}

export interface ProjectPlaces {
  /** Where it is built; no longer there afterwards. */
  readonly project: string;
  /** Where what is moved goes. */
  readonly target: string;
  /** The packed packages: the folder of the files, and one with the packages as they are installed. */
  readonly packed: string;
  readonly installed: string;
  readonly env: NodeJS.ProcessEnv;
}

/** @throws OfflineError, or Error with what the command said that failed. */
export async function buildAndMove(shape: NamedShape, places: ProjectPlaces): Promise<void> {
  const { project, target, packed, installed } = places;
  mkdirSync(project, { recursive: true });
  cpSync(join(SHAPES, "app"), join(project, "src"), { recursive: true });
  cpSync(shape.folder, project, {
    recursive: true,
    filter: (from) => !/\/(?:node_modules|shape\.mjs)$/.test(from),
  });
  const env = { ...places.env, PACKED: packed };
  for (const command of [...installing(shape, project, installed), ...shape.build]) {
    const ended = await runShell(command, { cwd: project, env, timeoutMs: COMMAND_MS });
    if (ended.code === 0) continue;
    const message = describeEnd(command, ended);
    throw OFFLINE.test(message) ? new OfflineError(firstLineWith(OFFLINE, message)) : new Error(message);
  }
  move(shape.moved, project, target);
}

/** What a user would get with the packages in package.json: they depend on nothing that a shape could bring, too. */
function installing({ installs }: NamedShape, project: string, installed: string): string[] {
  if (installs) return [];
  const { dependencies, devDependencies } = JSON.parse(
    readFileSync(join(project, "package.json"), "utf8"),
  ) as { dependencies?: object; devDependencies?: object };
  const needsMore = Object.keys({ ...dependencies, ...devDependencies }).length > 0;
  return [
    ...(needsMore ? [`npm ci ${QUIET}`] : []),
    `mkdir -p node_modules && cp -R ${installed}/. node_modules/`,
  ];
}

/** Installs the packed packages alone. @returns the folder with what is to be copied. */
export async function installPackages(
  folder: string,
  tarballs: readonly string[],
  env: NodeJS.ProcessEnv,
): Promise<string> {
  const command = `npm install --prefix ${folder} --no-package-lock ${QUIET} ${tarballs.join(" ")}`;
  const ended = await runShell(command, { cwd: folder, env, timeoutMs: COMMAND_MS });
  if (ended.code !== 0) throw new Error(describeEnd(command, ended));
  const installed = join(folder, "node_modules");
  for (const hidden of [".package-lock.json", ".bin"])
    rmSync(join(installed, hidden), { recursive: true, force: true });
  return installed;
}

/** @throws Error where something of it is missing, or the project is still there. */
function move(moved: readonly string[], project: string, target: string): void {
  if (moved.includes(".")) renameSync(project, target);
  else {
    for (const path of moved) {
      if (!existsSync(join(project, path))) throw new Error(`Expected the build to make ${path}`);
      mkdirSync(dirname(join(target, path)), { recursive: true });
      renameSync(join(project, path), join(target, path));
    }
    rmSync(project, { recursive: true });
  }
  if (existsSync(project)) throw new Error(`Expected ${project} to be deleted`);
}

const firstLineWith = (pattern: RegExp, text: string) =>
  (text.split("\n").find((line) => pattern.test(line)) as string).trim();
