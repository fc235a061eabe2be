import { nodeResolve } from "@rollup/plugin-node-resolve";
import esbuild from "rollup-plugin-esbuild";

export default {
  input: { app: "src/app.ts", work: "src/work.ts", "worker-main": "reapool/worker-main" },
  output: { dir: "dist", entryFileNames: "[name].mjs" },
  plugins: [nodeResolve({ exportConditions: ["node"] }), esbuild({ target: "node22" })],
};
