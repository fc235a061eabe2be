/** A program of CommonJS modules, which gets the packages by `require`. */
export default {
  title: "CommonJS",
  isQuick: true,
  build: ["rm src/*.ts"],
  moved: ["src", "package.json", "node_modules"],
  run: { node: "node src/app.cjs", bun: "bun src/app.cjs", deno: "deno run -A src/app.cjs" },
};
