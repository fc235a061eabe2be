/** The three adapters offer the same names: a program changes runtime by changing one import. */
import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";

const read = (adapter: string, file: string) =>
  readFileSync(new URL(`../packages/${adapter}/${file}`, import.meta.url), "utf8");

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

  it("has the entries and the files that @reapool/node has", () => {
    const entries = (name: string) => Object.keys(JSON.parse(read(name, "package.json")).exports);
    expect(entries(adapter)).toEqual(entries("node"));
    const files = (name: string) =>
      readdirSync(new URL(`../packages/${name}/src`, import.meta.url)).filter(
        (file) => !file.endsWith(".d.ts"),
      );
    expect(files(adapter)).toEqual(files("node"));
  });
});
