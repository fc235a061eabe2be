/** JavaScript as it is written, with the packages beside it. */
export default {
  title: "JavaScript, not built",
  build: ["rm src/*.ts"],
  moved: ["src", "package.json", "node_modules"],
  run: { node: "node src/app.js", bun: "bun src/app.js", deno: "deno run -A src/app.js" },
};
