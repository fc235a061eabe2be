/** Three entries; `deno bundle` gives the worker program another ending, so it is named. */
export default {
  title: "deno bundle",
  build: ["deno bundle --quiet --outdir=dist src/app.ts src/work.ts src/worker-main.ts"],
  moved: ["dist"],
  run: { deno: "deno run -A dist/app.js" },
};
