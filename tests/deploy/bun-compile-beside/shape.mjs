/** The host is one file; its workers run in a runtime that is there, with two files beside the host. */
export default {
  title: "A single executable and a runtime",
  build: [
    "bun build --compile src/app.ts --outfile=dist/app",
    "bun build ./src/work.ts reapool/worker-main --target=bun --outdir=dist --entry-naming=[name].mjs",
  ],
  moved: ["dist"],
  run: { bun: "dist/app" },
};
