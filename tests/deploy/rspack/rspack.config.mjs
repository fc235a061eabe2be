export default {
  mode: "production",
  target: "node22",
  entry: { app: "./src/app.ts", work: "./src/work.ts" },
  experiments: { outputModule: true },
  output: { clean: true, module: true, library: { type: "module" } },
  module: { rules: [{ test: /\.ts$/, loader: "builtin:swc-loader" }] },
};
