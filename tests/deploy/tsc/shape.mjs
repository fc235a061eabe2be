/** Compiled file by file; the packages stay beside the output. The types of the packages are checked, too. */
export default {
  title: "tsc",
  isQuick: true,
  build: ["npx tsc"],
  moved: ["dist", "package.json", "node_modules"],
  run: { node: "node dist/app.js", bun: "bun dist/app.js", deno: "deno run -A dist/app.js" },
};
