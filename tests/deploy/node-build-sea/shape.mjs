/** One file is host, worker and runtime: of Node 26, which makes it in one step. */
export default {
  title: "node --build-sea",
  build: ["npx esbuild src/app.ts --bundle --platform=node --format=cjs --outfile=dist/app.cjs"],
  moved: ["dist", "sea-config.json"],
  run: { node26: "node --build-sea sea-config.json && rm dist/app.cjs && dist/app" },
};
