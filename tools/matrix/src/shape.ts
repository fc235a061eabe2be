/** The shapes: each is a folder of tests/deploy with a `shape.mjs`. Owns what that file may say; builds and starts nothing. */
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import type { RuntimeName } from "@reapool/measuring/runtimes";

/** Where the shapes lie. */
export const SHAPES: string = fileURLToPath(new URL("../../../tests/deploy/", import.meta.url));

/** What a `shape.mjs` exports. */
export interface Shape {
  /** For people: also the heading of its section in docs/deploy.md. */
  readonly title: string;
  /** It is part of `.ci/run`. */
  readonly isQuick?: boolean;
  /** The packages are not there before: `build` installs them, from `$PACKED/reapool.tgz`, `$PACKED/reapool-core.tgz` … */
  readonly installs?: boolean;
  /** Shell commands in the project; `node` is Node 24. */
  readonly build: readonly string[];
  /** What goes to the empty folder where it is started; `.` is all there is. */
  readonly moved: readonly string[];
  /** The command for each runtime; `node` is for the three Nodes, of which one with a line of its own goes by that. */
  readonly run: Readonly<Partial<Record<RuntimeName | "node", string | false>>>;
  /** It can't work: what it says then. */
  readonly fails?: RegExp;
  /** Lines of its output that are no reason to worry, although they warn. */
  readonly warns?: RegExp;
}

export interface NamedShape extends Shape {
  /** Of its folder. */
  readonly name: string;
  readonly folder: string;
}

const KEYS: readonly (keyof Shape)[] = [
  "title",
  "isQuick",
  "installs",
  "build",
  "moved",
  "run",
  "fails",
  "warns",
];

export function shapeNames(): string[] {
  return readdirSync(SHAPES).filter((name) => existsSync(join(SHAPES, name, "shape.mjs")));
}

/** @throws Error where the file says something else than a shape. */
export async function readShape(name: string): Promise<NamedShape> {
  const folder = join(SHAPES, name);
  const { default: shape } = (await import(pathToFileURL(join(folder, "shape.mjs")).href)) as {
    default: Shape;
  };
  const unknown = Object.keys(shape).find((key) => !KEYS.includes(key as keyof Shape));
  if (unknown !== undefined)
    throw new Error(`Expected ${name}/shape.mjs to have ${KEYS.join(", ")}, received ${unknown}`);
  for (const key of ["title", "build", "moved", "run"] as const) {
    if (shape[key] === undefined) throw new Error(`Expected ${name}/shape.mjs to have ${key}`);
  }
  return { ...shape, name, folder };
}

/** What starts it in a runtime; undefined where it does not apply. */
export function commandIn({ run }: Shape, runtime: RuntimeName): string | undefined {
  const command = run[runtime] ?? (runtime.startsWith("node") ? run.node : undefined);
  return command === false ? undefined : command;
}
