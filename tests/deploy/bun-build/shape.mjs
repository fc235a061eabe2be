/** Three entries, which find each other by their names. */
export default {
  title: "Bun.build",
  isQuick: true,
  build: [
    "bun build ./src/app.ts ./src/work.ts reapool/worker-main --target=bun --outdir=dist --entry-naming=[name].mjs",
  ],
  moved: ["dist"],
  run: { bun: "bun dist/app.mjs" },
};
