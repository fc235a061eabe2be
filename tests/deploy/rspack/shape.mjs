/** As webpack. */
export default {
  title: "Rspack",
  build: ["npx rspack build"],
  moved: ["dist"],
  run: { node: "node dist/app.mjs" },
};
