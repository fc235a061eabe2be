/** One shape as a project: built in a folder, moved to another one, and deleted, so that nothing can reach back to it. */
import { cpSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { type NamedShape, SHAPES } from "./shape.ts";
import { describeEnd, runShell } from "./shell.ts";

const COMMAND_MS = 300_000;

/** What npm and the others say where there is no network; in a build, that is no fault of the shape. */
const OFFLINE =
  /\b(?:ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|EHOSTUNREACH|ENOTCACHED|ERR_SOCKET_TIMEOUT)\b/;

/** What can't be built for want of a network. */
export class OfflineError extends Error {}

export interface ProjectPlaces {
  /** Where it is built; no longer there afterwards. */
  readonly project: string;
  /** Where what is moved goes. */
  readonly target: string;
  readonly tarballs: readonly string[];
  readonly env: NodeJS.ProcessEnv;
}

/** @throws OfflineError, or Error with what the command said that failed. */
export async function buildAndMove(shape: NamedShape, places: ProjectPlaces): Promise<void> {
  const { project, target, tarballs } = places;
  mkdirSync(project, { recursive: true });
  cpSync(join(SHAPES, "app"), join(project, "src"), { recursive: true });
  cpSync(shape.folder, project, {
    recursive: true,
    filter: (from) => !/\/(?:node_modules|shape\.mjs)$/.test(from),
  });
  const env = { ...places.env, PACKED: dirname(tarballs[0] as string) };
  for (const command of [...installing(shape, project, tarballs), ...shape.build]) {
    const ended = await runShell(command, { cwd: project, env, timeoutMs: COMMAND_MS });
    if (ended.code === 0) continue;
    const message = describeEnd(command, ended);
    throw OFFLINE.test(message) ? new OfflineError(firstLineWith(OFFLINE, message)) : new Error(message);
  }
  move(shape.moved, project, target);
}

function installing({ installs }: NamedShape, project: string, tarballs: readonly string[]): string[] {
  if (installs) return [];
  const { dependencies, devDependencies } = JSON.parse(
    readFileSync(join(project, "package.json"), "utf8"),
  ) as {
    dependencies?: object;
    devDependencies?: object;
  };
  const quiet = "--no-audit --no-fund --prefer-offline --loglevel=error";
  return [
    ...(Object.keys({ ...dependencies, ...devDependencies }).length > 0 ? [`npm ci ${quiet}`] : []),
    `npm install --no-save --no-package-lock ${quiet} ${tarballs.join(" ")}`,
  ];
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
