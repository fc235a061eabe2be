/** The three adapters offer the same names: a program changes runtime by changing one import. */
import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";

const read = (adapter: string, file: string) =>
  readFileSync(new URL(`../packages/${adapter}/${file}`, import.meta.url), "utf8");

/**
 * Node has two ways to call C, and takes a backslash in a path for a slash. Bun passes on no inherited descriptors, and writes to
 * stdout in a way of its own. Deno writes
 * by its own API, where Node and Bun share `packages/node-builtins`.
 */
const OWN_FILES: ReadonlySet<string> = new Set([
  "node/foreign-functions.ts",
  "node/next-tick.ts",
  "node/import-module.ts",
  "node/descriptors.ts",
  "deno/descriptors.ts",
  "deno/address.ts",
  "deno/clock.ts",
  "deno/is-granted.ts",
  "deno/write-at.ts",
  "deno/turn.ts",
  "bun/import-module.ts",
  "bun/missing-export.ts",
  "bun/write-through.ts",
]);

/** The names between the braces of every export of a file, and the modules that it passes on whole. */
function exportedNames(source: string): string[] {
  const lists = [...source.matchAll(/export (?:type )?\{([^}]*)\}/g)].flatMap(
    ([, names]) => names?.split(",") ?? [],
  );
  const modules = [...source.matchAll(/export (\* from "[^"]+")/g)].map(([, module]) => module ?? "");
  const constants = [...source.matchAll(/export (?:const|function) (\w+)/g)].map(([, name]) => name ?? "");
  return [...lists.map((name) => name.trim()), ...modules, ...constants].filter((name) => name !== "").sort();
}

describe.each(["bun", "deno"])("@reapool/%s", (adapter) => {
  it.each(["src/index.ts", "src/worker.ts", "src/launcher.ts", "src/testing.ts", "src/libc.ts"])(
    "exports from %s what @reapool/node does",
    (file) => {
      const names = exportedNames(read("node", file));
      expect(names.length).toBeGreaterThan(0);
      expect(exportedNames(read(adapter, file))).toEqual(names);
    },
  );

  it("has the entries that @reapool/node has, and the files, but for what one runtime alone takes", () => {
    const entries = (name: string) => Object.keys(JSON.parse(read(name, "package.json")).exports);
    expect(entries(adapter)).toEqual(entries("node"));
    const files = (name: string) =>
      readdirSync(new URL(`../packages/${name}/src`, import.meta.url)).filter(
        (file) => !file.endsWith(".d.ts") && !OWN_FILES.has(`${name}/${file}`),
      );
    expect(files(adapter)).toEqual(files("node"));
  });
});
