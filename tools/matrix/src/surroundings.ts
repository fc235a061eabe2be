/**
 * The environment of what is built and started: that of a user's shell, in which `node`, `bun` and `deno` are those of
 * this repository. Nothing else of it is there: neither its tools nor what `npm run` has set.
 */
import { mkdirSync, symlinkSync } from "node:fs";
import { delimiter, join } from "node:path";
import {
  findRuntime,
  ROOT,
  RUNTIME_NAMES,
  type Runtime,
  type RuntimeName,
} from "@reapool/measuring/runtimes";

export interface Surroundings {
  readonly runtimes: ReadonlyMap<RuntimeName, Runtime>;
  /** With the Node of that name as `node`. */
  environmentFor(runtime: RuntimeName): NodeJS.ProcessEnv;
}

/** Of the Nodes, the one that builds. */
export const BUILDER: RuntimeName = "node24";

/** What npm and pnpm tell their scripts; what tells a runtime how to run; what a pool has told. */
const NOT_OURS =
  /^(?:p?npm_(?!config_(?:registry|cache|userconfig|globalconfig)$)|INIT_CWD$|(?:NODE|BUN|DENO)_(?!DIR$|EXTRA_CA_CERTS$|INSTALL)|REAPOOL_|FORCE_COLOR$|CI$)/i;

/** @param folder an empty one, where the links to the runtimes will be. */
export function makeSurroundings(folder: string): Surroundings {
  const runtimes = new Map<RuntimeName, Runtime>();
  for (const name of RUNTIME_NAMES) {
    const runtime = findRuntime(name);
    if (runtime !== undefined) runtimes.set(name, runtime);
  }
  for (const { name, executable } of runtimes.values()) link(folder, name, executable);
  const path = (process.env.PATH ?? "").split(delimiter).filter((part) => !part.startsWith(ROOT));
  const own = Object.fromEntries(Object.entries(process.env).filter(([name]) => !NOT_OURS.test(name)));
  return {
    runtimes,
    environmentFor: (runtime) => ({
      ...own,
      PATH: [join(folder, nodeFor(runtime)), join(folder, "others"), ...path].join(delimiter),
      NO_COLOR: "1",
    }),
  };
}

const nodeFor = (runtime: RuntimeName) => (runtime.startsWith("node") ? runtime : BUILDER);

function link(folder: string, name: RuntimeName, executable: string): void {
  const isNode = name.startsWith("node");
  const place = join(folder, isNode ? name : "others");
  mkdirSync(place, { recursive: true });
  symlinkSync(executable, join(place, isNode ? "node" : name));
}
