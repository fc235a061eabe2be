/** Installed by npm from a registry. */
export default {
  title: "npm",
  installs: true,
  build: ["node src/registry.mjs npm install reapool --no-audit --no-fund"],
  moved: ["."],
  run: { node: "node src/app.ts", bun: "bun src/app.ts", deno: "deno run -A src/app.ts" },
};
