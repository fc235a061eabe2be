/** The program of the workers is no entry, and the packages are not there: no worker can be started. */
export default {
  title: "Bundled without the worker program",
  isQuick: true,
  build: [
    "npx esbuild src/app.ts src/work.ts --bundle --platform=node --format=esm --outdir=dist --out-extension:.js=.mjs",
  ],
  moved: ["dist"],
  run: { node: "node dist/app.mjs" },
  fails:
    /Expected the program of the workers at \S+, found none; if the application was bundled, mark reapool .*docs\/deploy\.md/,
};
