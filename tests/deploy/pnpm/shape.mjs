/** Installed by pnpm from a registry, where a package sees its own dependencies alone. */
export default {
  title: "pnpm",
  installs: true,
  build: ["node src/registry.mjs npx -y pnpm@12.21.0 add reapool"],
  moved: ["."],
  run: { node: "node src/app.ts", bun: "bun src/app.ts", deno: "deno run -A src/app.ts" },
};
