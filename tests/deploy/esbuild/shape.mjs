/** Bundled into ES modules; nothing is installed where it is started. */
export default {
  title: "esbuild",
  isQuick: true,
  build: [
    "npx esbuild src/app.ts src/work.ts worker-main=reapool/worker-main --bundle --platform=node --format=esm --outdir=dist --out-extension:.js=.mjs",
  ],
  moved: ["dist"],
  run: { node: "node dist/app.mjs" },
};
