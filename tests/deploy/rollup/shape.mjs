/** Bundled into ES modules; nothing is installed where it is started. */
export default {
  title: "Rollup",
  build: ["npx rollup -c"],
  moved: ["dist"],
  run: { node: "node dist/app.mjs" },
};
