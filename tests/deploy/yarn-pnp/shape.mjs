/** Installed by Yarn without a node_modules. */
export default {
  title: "Yarn Plug'n'Play",
  installs: true,
  build: ["node src/registry.mjs npx -y -p @yarnpkg/cli-dist@4.18.1 yarn add reapool"],
  moved: ["."],
  run: { node: "npx -y -p @yarnpkg/cli-dist@4.18.1 yarn node src/app.ts" },
};
