/** A program of CommonJS modules, which gets the packages by `require`. */
export default {
  title: "CommonJS",
  isQuick: true,
  build: ["rm src/*.ts"],
  moved: ["src", "package.json", "node_modules"],
  run: {
    node: "node src/same.cjs && node src/app.cjs",
    bun: "bun src/same.cjs && bun src/app.cjs",
    deno: "deno run -A src/same.cjs && deno run -A src/app.cjs",
  },
};
