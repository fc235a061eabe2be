import { defineConfig } from "tsup";
import { base } from "../../tsup.base.ts";

export default defineConfig({
  ...base,
  entry: [
    "src/index.ts",
    "src/api.ts",
    "src/worker/index.ts",
    "src/worker/serve.ts",
    "src/worker/own-program.ts",
    "src/testing/index.ts",
    "src/testing/leftovers.ts",
    "src/testing/fixtures/work.ts",
    "src/testing/fixtures/sharing.ts",
    "src/testing/fixtures/foreign-worker.ts",
  ],
});
