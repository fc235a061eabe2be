/** In Deno with a node_modules, which `deno install` or another package manager makes. */
export default {
  title: "Deno with node_modules",
  installs: true,
  build: ["DENO_DIR=.deno node src/registry.mjs deno add npm:reapool"],
  moved: ["."],
  run: { deno: "deno run -A src/app.ts" },
};
