export default {
  mode: "production",
  target: "node22",
  entry: { app: "./src/app.ts", work: "./src/work.ts" },
  output: { clean: true, filename: "[name].cjs", library: { type: "commonjs2" } },
  module: { rules: [{ test: /\.ts$/, loader: "esbuild-loader", options: { target: "es2022" } }] },
};
