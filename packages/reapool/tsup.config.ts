import { defineConfig } from "tsup";
import { base } from "../../tsup.base.ts";

export default defineConfig({
  ...base,
  entry: ["src/*.ts", "src/*/*.ts"],
  sourcemap: false, // a line or two each
});
