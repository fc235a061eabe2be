import { defineConfig } from "tsup";
import { base } from "../../tsup.base.ts";

export default defineConfig({
  ...base,
  entry: ["src/index.ts", "src/launcher.ts", "src/testing.ts", "src/worker.ts", "src/worker-main.ts"],
});
