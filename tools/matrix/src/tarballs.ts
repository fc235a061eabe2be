/** Packs the packages of this repository as for publishing, once for all shapes. */
import { readdirSync, readFileSync, renameSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "@reapool/measuring/runtimes";
import { describeEnd, runShell } from "./shell.ts";

/** All but the one that is bundled into others. */
const PACKAGES = "--filter './packages/*' --filter '!./packages/node-builtins'";
const PACK_MS = 300_000;

/** @returns the files, named without a version: `reapool.tgz`, `reapool-core.tgz` … @throws Error with what pnpm says. */
export async function packPackages(folder: string): Promise<string[]> {
  const { packageManager } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as {
    packageManager: string;
  };
  const command = `npx -y ${packageManager} -r ${PACKAGES} pack --pack-destination ${folder}`;
  const ended = await runShell(command, { cwd: ROOT, env: process.env, timeoutMs: PACK_MS });
  if (ended.code !== 0) throw new Error(describeEnd(command, ended));
  return readdirSync(folder).map((file) => {
    const path = join(folder, file.replace(/-\d+\.\d+\.\d+.*\.tgz$/, ".tgz"));
    renameSync(join(folder, file), path);
    return path;
  });
}
