/** TypeScript as it is written, with the packages beside it. */
export default {
  title: "TypeScript, not built",
  isQuick: true,
  build: [],
  moved: ["src", "package.json", "node_modules"],
  run: { node: "node src/app.ts", bun: "bun src/app.ts", deno: "deno run -A src/app.ts" },
};
