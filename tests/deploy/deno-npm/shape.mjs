/** In Deno without a node_modules: from its own cache. */
export default {
  title: "Deno with npm: specifiers",
  installs: true,
  build: ["cp -R $PACKED packed"],
  moved: ["."],
  run: { deno: "PACKED=packed DENO_DIR=.deno node src/registry.mjs deno run -A src/app.ts" },
};
