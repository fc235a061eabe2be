/** Bundled, and what is a dependency stays one: installed where it is started. */
export default {
  title: "tsup",
  build: ["npx tsup"],
  moved: ["dist", "package.json", "node_modules"],
  run: { node: "node dist/app.js", bun: "bun dist/app.js", deno: "deno run -A dist/app.js" },
};
