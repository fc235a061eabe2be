/** Bundled with all that it depends on; nothing is installed where it is started. */
export default {
  title: "tsdown",
  build: ["npx tsdown"],
  moved: ["dist"],
  run: { node: "node dist/app.mjs" },
};
