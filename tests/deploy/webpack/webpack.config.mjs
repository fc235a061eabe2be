export default {
  mode: "production",
  target: "node22",
  entry: { app: "./src/app.ts", work: "./src/work.ts" },
  experiments: { outputModule: true },
  output: { clean: true, module: true, library: { type: "module" } }, // `library`: the tasks are what `work` exports
  module: { rules: [{ test: /\.ts$/, loader: "esbuild-loader", options: { target: "es2022" } }] },
};
