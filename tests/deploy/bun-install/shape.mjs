/** Installed by Bun. */
export default {
  title: "bun add",
  installs: true,
  build: ["BUN_INSTALL_CACHE_DIR=$PWD/.cache node src/registry.mjs bun add reapool"],
  moved: ["."],
  run: { node: "node src/app.ts", bun: "bun src/app.ts", deno: "deno run -A src/app.ts" },
};
