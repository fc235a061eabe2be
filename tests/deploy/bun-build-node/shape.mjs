/** The same for Node, which the bundle is for then: not for Bun. */
export default {
  title: "Bun.build for Node",
  isQuick: true,
  build: [
    "bun build ./src/app.ts ./src/work.ts reapool/worker-main --target=node --outdir=dist --entry-naming=[name].mjs",
  ],
  moved: ["dist"],
  run: { node: "node dist/app.mjs" },
};
