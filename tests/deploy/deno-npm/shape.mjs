/** In Deno without a node_modules: from its own cache. A worker's main module lies there, so it does not find deno.json: specifiers in full. */
export default {
  title: "Deno with npm: specifiers",
  installs: true,
  build: [
    "cp -R $PACKED packed",
    'sed -i \'s|"reapool"|"npm:reapool"|; s|"reapool/worker"|"npm:reapool/worker"|\' src/*.ts',
  ],
  moved: ["."],
  run: { deno: "PACKED=packed DENO_DIR=.deno node src/registry.mjs deno run -A src/app.ts" },
};
