/**
 * What a worker takes over of how its host was started: the table of the flags and variables of Node and Bun, and its
 * reading. Owns which are left out and which name a file. PURE but for the look at whether a file exists. Deno gives a
 * program no flags; what its workers get are permissions (its launcher).
 *
 * A flag that is not in the table is taken over as it is.
 */
import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

interface Table {
  /**
   * What the host runs, where its debugger listens, where its profiles go: a worker would do the same, or fail at it. True
   * where a value follows, in the same argument after `=` or as the next.
   */
  readonly leftOut: Readonly<Record<string, boolean>>;
  /** Whose value is a path, from the folder the host was started in. */
  readonly path: readonly string[];
  /** Whose value is a module: a path if it begins like one, otherwise a package, looked for from the same folder. */
  readonly module: readonly string[];
  /** Variables with flags. */
  readonly flags: readonly string[];
  /** Variables that a worker must not have. */
  readonly variables: readonly string[];
}

export type RuntimeName = "node" | "bun";

const FLAG = false;
const VALUE = true;

export const TABLES: Readonly<Record<RuntimeName, Table>> = {
  node: {
    leftOut: {
      // The debugger. The worker would open the same port, or wait for somebody to connect.
      "--inspect": FLAG,
      "--inspect-brk": FLAG,
      "--inspect-brk-node": FLAG,
      "--inspect-wait": FLAG,
      "--inspect-port": VALUE,
      "--inspect-publish-uid": VALUE,
      "--debug": FLAG,
      "--debug-brk": FLAG,
      "--debug-port": VALUE,
      // What runs.
      "-e": VALUE,
      "--eval": VALUE,
      "-p": VALUE,
      "-pe": VALUE,
      "--print": VALUE,
      "-c": FLAG,
      "--check": FLAG,
      "-i": FLAG,
      "--interactive": FLAG,
      "--input-type": VALUE,
      "--entry-url": FLAG,
      "--run": VALUE,
      "--build-sea": VALUE,
      "--build-snapshot": FLAG,
      "--build-snapshot-config": VALUE,
      "--experimental-sea-config": VALUE,
      "--snapshot-blob": VALUE,
      "--prof-process": FLAG,
      "-": FLAG,
      "--": FLAG,
      // What runs it again, or as a test.
      "--watch": FLAG,
      "--watch-path": VALUE,
      "--watch-kill-signal": VALUE,
      "--watch-preserve-output": FLAG,
      "--test": FLAG,
      "--test-concurrency": VALUE,
      "--test-coverage-branches": VALUE,
      "--test-coverage-exclude": VALUE,
      "--test-coverage-functions": VALUE,
      "--test-coverage-include": VALUE,
      "--test-coverage-include-all": FLAG,
      "--test-coverage-lines": VALUE,
      "--test-force-exit": FLAG,
      "--test-global-setup": VALUE,
      "--test-isolation": VALUE,
      "--test-name-pattern": VALUE,
      "--test-only": FLAG,
      "--test-random-seed": VALUE,
      "--test-randomize": FLAG,
      "--test-reporter": VALUE,
      "--test-reporter-destination": VALUE,
      "--test-rerun-failures": VALUE,
      "--test-shard": VALUE,
      "--test-skip-pattern": VALUE,
      "--test-timeout": VALUE,
      "--test-update-snapshots": FLAG,
      "--experimental-test-coverage": FLAG,
      "--experimental-test-isolation": VALUE,
      "--experimental-test-tag-filter": VALUE,
      "--bench": FLAG,
      "--bench-isolation": VALUE,
      "--bench-name-pattern": VALUE,
      "--bench-reporter": VALUE,
      "--bench-reporter-destination": VALUE,
      "--bench-samples": VALUE,
      "--bench-warmup": VALUE,
      "--experimental-bench": FLAG,
      // A profile of the host, under a name that every worker would overwrite.
      "--cpu-prof": FLAG,
      "--cpu-prof-dir": VALUE,
      "--cpu-prof-interval": VALUE,
      "--cpu-prof-name": VALUE,
      "--heap-prof": FLAG,
      "--heap-prof-dir": VALUE,
      "--heap-prof-interval": VALUE,
      "--heap-prof-name": VALUE,
      // Read already: what they hold is in the environment, and stays out where `worker.env` removes it.
      "--env-file": VALUE,
      "--env-file-if-exists": VALUE,
    },
    path: [
      "--diagnostic-dir",
      "--experimental-config-file",
      "--icu-data-dir",
      "--localstorage-file",
      "--openssl-config",
      "--redirect-warnings",
      "--report-dir",
      "--report-directory",
      "--tls-keylog",
      "--allow-fs-read",
      "--allow-fs-write",
    ],
    module: ["--import", "-r", "--require", "--loader", "--experimental-loader"],
    flags: ["NODE_OPTIONS"],
    variables: ["NODE_INSPECT_RESUME_ON_START", "NODE_TEST_CONTEXT", "WATCH_REPORT_DEPENDENCIES"],
  },
  bun: {
    leftOut: {
      "--inspect": FLAG,
      "--inspect-brk": FLAG,
      "--inspect-wait": FLAG,
      "-e": VALUE,
      "--eval": VALUE,
      "-p": VALUE,
      "--print": VALUE,
      "--interactive": FLAG,
      "-": FLAG,
      "--": FLAG,
      run: FLAG,
      test: FLAG,
      "--check": FLAG,
      "--cwd": VALUE,
      "--if-present": FLAG,
      // Of the runner of scripts.
      "-F": VALUE,
      "--filter": VALUE,
      "--elide-lines": VALUE,
      "--workspaces": FLAG,
      "--parallel": FLAG,
      "--sequential": FLAG,
      "--no-exit-on-error": FLAG,
      "--shell": VALUE,
      "--hot": FLAG,
      "--watch": FLAG,
      "--watch-kill-signal": VALUE,
      "--no-clear-screen": FLAG,
      "--cpu-prof": FLAG,
      "--cpu-prof-dir": VALUE,
      "--cpu-prof-interval": VALUE,
      "--cpu-prof-md": FLAG,
      "--cpu-prof-name": VALUE,
      "--heap-prof": FLAG,
      "--heap-prof-dir": VALUE,
      "--heap-prof-interval": VALUE,
      "--heap-prof-md": FLAG,
      "--heap-prof-name": VALUE,
    },
    // Not left out: without an `--env-file`, Bun reads `.env`.
    path: ["-c", "--config", "--env-file", "--tsconfig-override"],
    module: ["-r", "--preload", "--require", "--import"],
    flags: ["BUN_OPTIONS"],
    variables: ["BUN_INSPECT", "BUN_INSPECT_CONNECT_TO", "BUN_INSPECT_NOTIFY", "BUN_INSPECT_PRELOAD"],
  },
};

/** @param bases The folders that paths count from, the likeliest first; none to leave them as they are. */
export function inheritedFlags(
  flags: readonly string[],
  runtime: RuntimeName,
  bases: readonly string[],
): string[] {
  const { leftOut, path, module } = TABLES[runtime];
  const inherited: string[] = [];
  for (let i = 0; i < flags.length; i++) {
    const flag = flags[i] as string;
    const equals = flag.startsWith("-") ? flag.indexOf("=") : -1;
    const name = plain(equals < 0 ? flag : flag.slice(0, equals));
    if (Object.hasOwn(leftOut, name)) {
      if (leftOut[name] === VALUE && equals < 0) i++;
    } else if (bases.length === 0 || !(path.includes(name) || module.includes(name))) {
      inherited.push(flag);
    } else {
      const value = equals < 0 ? flags[++i] : flag.slice(equals + 1);
      if (value === undefined) inherited.push(flag);
      else {
        const found = module.includes(name)
          ? moduleFrom(bases, value, name, runtime)
          : pathFrom(bases, value);
        inherited.push(...(equals < 0 ? [flag, found] : [`${flag.slice(0, equals)}=${found}`]));
      }
    }
  }
  return inherited;
}

/** The variables that differ from the host's; undefined removes one. */
export function inheritedVariables(
  read: (name: string) => string | undefined,
  runtime: RuntimeName,
  bases: readonly string[],
): Record<string, string | undefined> {
  const { flags, variables } = TABLES[runtime];
  const changed: Record<string, string | undefined> = {};
  for (const name of variables) if (read(name) !== undefined) changed[name] = undefined;
  for (const name of flags) {
    const given = read(name);
    if (given === undefined) continue;
    const words = wordsOf(given);
    const inherited = inheritedFlags(words, runtime, bases);
    if (inherited.join("\n") === words.join("\n")) continue;
    changed[name] = inherited.length === 0 ? undefined : inherited.map(quoted).join(" ");
  }
  return changed;
}

/** Node takes `--inspect_port` for `--inspect-port`. */
function plain(name: string): string {
  return name.startsWith("--") ? `--${name.slice(2).replaceAll("_", "-")}` : name;
}

function pathFrom(bases: readonly string[], path: string): string {
  return path === "*" ? path : present(bases.map((base) => resolve(base, path)));
}

/** Where it is, or would be. */
function present(places: readonly string[]): string {
  return places.find((place) => existsSync(place)) ?? (places[0] as string);
}

/** A URL for `--import` and the like, which read even a relative path as one. */
function moduleFrom(bases: readonly string[], module: string, flag: string, runtime: RuntimeName): string {
  const isUrl = runtime === "node" && flag !== "-r" && flag !== "--require";
  if (module.startsWith("/") || /^[a-z][a-z+.-]*:/i.test(module)) return module;
  if (/^\.\.?(?:\/|$)/.test(module)) {
    if (!isUrl) return pathFrom(bases, module);
    const urls = bases.map((base) => new URL(module, pathToFileURL(`${base}/`)));
    return pathToFileURL(present(urls.map((url) => fileURLToPath(url)))).href;
  }
  if (runtime === "bun" && existsSync(pathFrom(bases, module))) return pathFrom(bases, module);
  const { createRequire } = process.getBuiltinModule("node:module"); // webpack warns of an imported one, which it follows
  for (const base of bases) {
    try {
      const found = createRequire(`${base}/`).resolve(module);
      return isUrl ? pathToFileURL(found).href : found;
    } catch {
      // It has no form for `require`, or is not there.
    }
  }
  return module;
}

/** As Node reads NODE_OPTIONS: words between spaces, of which a part may be in double quotes, with backslashes in these. */
function wordsOf(text: string): string[] {
  const words: string[] = [];
  for (const [word] of text.matchAll(/(?:"(?:\\.|[^"\\])*"|[^ "])+/g)) {
    words.push(word.replace(/"((?:\\.|[^"\\])*)"/g, (_, inside: string) => inside.replace(/\\(.)/g, "$1")));
  }
  return words;
}

function quoted(word: string): string {
  return /[ "\\]/.test(word) ? `"${word.replace(/["\\]/g, "\\$&")}"` : word;
}
