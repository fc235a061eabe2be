import { defineConfig } from "tsup";

export default defineConfig({
  entry: ["src/app.ts", "src/work.ts"],
  format: ["esm"],
  external: ["reapool"],
});
