/** Bundled into CommonJS modules and minified: no `import.meta.url`, and other names of classes. */
export default {
  title: "esbuild, CommonJS",
  isQuick: true,
  build: [
    "npx esbuild src/app.ts src/work.ts worker-main=reapool/worker-main --bundle --minify --platform=node --format=cjs --outdir=dist --out-extension:.js=.cjs",
  ],
  moved: ["dist"],
  run: { node: "node dist/app.cjs" },
};
