// Where the five runtimes lie that tests and examples run in; undefined for one that is not installed.
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

const at = (path) => {
  const file = fileURLToPath(new URL(path, import.meta.url));
  return existsSync(file) ? file : undefined;
};
const exe = process.platform === "win32" ? ".exe" : "";

export const node22 = at(`node_modules/node22/bin/node${exe}`);
export const node24 = at(`../../node_modules/node/bin/node${exe}`);
export const node26 = at(`node_modules/node26/bin/node${exe}`);
export const bun = at("../../node_modules/bun/bin/bun.exe"); // named so on every platform
export const deno = at(`../../node_modules/deno/deno${exe}`); // .bin/deno is a script that passes no signals on

/** What lets each of them run the packages' TypeScript as it is, workers included: they inherit it. */
export const sourceEnvironment = {
  NODE_OPTIONS: "--conditions=reapool-source",
  BUN_OPTIONS: "--conditions=reapool-source",
  DENO_CONDITIONS: "reapool-source",
};
