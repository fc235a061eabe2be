/** A run that was cut short: what it had measured, in the folder of its results, until it is resumed and finished. */
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Results } from "./results.ts";
import { USAGE_STATUS } from "./settings.ts";

const fileIn = (folder: string): string => join(folder, "unfinished.json");

export function writeUnfinished(folder: string, results: Results): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(fileIn(folder), `${JSON.stringify(results)}\n`);
}

export function removeUnfinished(folder: string): void {
  rmSync(fileIn(folder), { force: true });
}

/** Ends this process when there is none, or it is another run: figures of two machines or versions are not to be compared. */
export function readUnfinished(
  folder: string,
  { settings, machine, versions }: Pick<Results, "settings" | "machine" | "versions">,
): Results {
  if (!existsSync(fileIn(folder))) refuse(`an unfinished run in ${folder}`, "none");
  const found = JSON.parse(readFileSync(fileIn(folder), "utf8")) as Results;
  const same: Readonly<Record<string, readonly [unknown, unknown]>> = {
    settings: [settings, found.settings],
    versions: [versions, found.versions],
    machine: [
      { ...machine, load: 0 },
      { ...found.machine, load: 0 },
    ],
  };
  for (const [what, [now, then]] of Object.entries(same)) {
    const [own, other] = [JSON.stringify(now), JSON.stringify(then)];
    if (own !== other) refuse(`the ${what} of the unfinished run, ${other}`, own);
  }
  return found;
}

function refuse(expected: string, received: string): never {
  console.error(`Expected ${expected}, received ${received}; run it without --resume to begin anew`);
  process.exit(USAGE_STATUS);
}
