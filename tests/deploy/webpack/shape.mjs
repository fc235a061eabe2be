/** The worker module is an entry; the worker program is copied by webpack itself. */
export default {
  title: "webpack, ES modules",
  isQuick: true,
  build: ["npx webpack --fail-on-warnings"],
  moved: ["dist"],
  run: { node: "node dist/app.mjs" },
};
