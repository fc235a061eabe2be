import { defineConfig } from "tsup";
import { base, libraryAndProgram } from "../../tsup.base.ts";

/**
 * For what resolves `require` to CommonJS alone, as Jest does: Node itself takes the ES modules for `require`, too. Each entry is
 * one file, which finds the program of the workers beside it; what two of them share is under registered symbols.
 */
const commonJs = defineConfig({
  ...base,
  clean: false,
  entry: ["src/index.ts", "src/launcher.ts", "src/testing.ts", "src/worker.ts"],
  format: ["cjs"],
  outExtension: () => ({ js: ".cjs" }),
  splitting: false,
  noExternal: [/^@reapool\//],
  banner: { js: '"use strict";\nconst moduleUrl = require("node:url").pathToFileURL(__filename).href;' },
  esbuildOptions: (options) => {
    options.conditions = ["reapool-source"]; // the other packages may not be built yet
    options.define = { ...options.define, "import.meta.url": "moduleUrl" };
  },
});

export default [...(libraryAndProgram as object[]), commonJs];
