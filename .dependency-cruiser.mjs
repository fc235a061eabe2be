// Which file may import which, checked by `npm run lint`. The layers of core, the lowest first: a file imports from its
// own layer and from those below it. Type-only imports count like any other.
import { readFileSync } from "node:fs";

/** The folders of core, each line a layer; those on one line may import each other, as long as no circle comes of it. */
const LAYERS = [
  ["[^/]+\\.ts", "port"], // the files at the root, except for what only re-exports: errors, words for them
  ["containment"], // how the kernel ends all that a worker has started
  ["options"],
  ["memory"],
  ["wire", "flow"],
  ["reaping"],
  ["worker"],
  ["host"],
  ["task"],
  ["slot"],
  ["supervision"],
  ["dispatch"],
  ["pool"],
  ["(index|api)\\.ts", "testing"],
];

const CORE = "^packages/core/src/";
const { exports: entries } = JSON.parse(readFileSync("packages/core/package.json", "utf8"));
const CORE_ENTRIES = Object.values(entries)
  .map((entry) => entry["reapool-source"]?.replace("./", "^packages/core/"))
  .filter((path) => path !== undefined)
  .map((path) => `${path}$`)
  .join("|");

const pathOf = (layer) =>
  layer.map((name) => (name.endsWith(".ts") ? `${CORE}${name}$` : `${CORE}${name}/`)).join("|");
const isRoot = (layer) => layer[0].startsWith("[");
const nameOf = (layer) => (isRoot(layer) ? "root" : layer.join("-").replace("\\.ts", ""));

const layerRules = LAYERS.slice(0, -1).map((layer, i) => {
  const above = LAYERS.slice(i + 1);
  return {
    name: `${nameOf(layer)}-imports-nothing-above`,
    severity: "error",
    comment: `${nameOf(layer)} is below ${above.map(nameOf).join(", ")}`,
    // The pattern of the root's files matches those that re-export too.
    from: { path: pathOf(layer), ...(isRoot(layer) && { pathNot: `${CORE}(index|api)\\.ts$` }) },
    to: { path: above.map(pathOf).join("|") },
  };
});

export default {
  forbidden: [
    ...layerRules,
    {
      name: "no-circles",
      severity: "error",
      comment: "Neither file can be read without the other: move what both need below them",
      from: {},
      to: { circular: true },
    },
    {
      name: "core-names-no-runtime",
      severity: "error",
      comment:
        "Core decides, adapters know their runtime's API; the contract in testing/ runs in all of them",
      from: { path: CORE, pathNot: `${CORE}testing/` },
      to: { dependencyTypes: ["core"] },
    },
    {
      name: "packages-import-entries-of-core",
      severity: "error",
      comment: "What is no public entry of core may change with every change of core",
      from: { path: "^packages/[^/]+/src/", pathNot: CORE },
      to: { path: CORE, pathNot: CORE_ENTRIES },
    },
    {
      name: "no-adapter-imports-another",
      severity: "error",
      comment: "What two of them need stands once, outside of both",
      from: { path: "^packages/(node|bun|deno)/" },
      to: { path: "^packages/(node|bun|deno)/", pathNot: "^packages/$1/" },
    },
    {
      name: "core-imports-no-other-package",
      severity: "error",
      comment: "Adapters depend on core, never the other way round",
      from: { path: CORE },
      to: { path: "^packages/(?!core/)" },
    },
  ],
  options: {
    tsPreCompilationDeps: true, // type-only imports too
    doNotFollow: { path: "node_modules" },
    exclude: { path: "^packages/[^/]+/(dist|tests)/" },
    enhancedResolveOptions: {
      conditionNames: ["reapool-source", "import", "node", "default"],
      exportsFields: ["exports"],
      extensions: [".ts", ".mjs", ".js"],
    },
  },
};
