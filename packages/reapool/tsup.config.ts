import { defineConfig } from "tsup";
import { base } from "../../tsup.base.ts";

export default defineConfig([
  { ...base, clean: [...(base.clean as string[]), "!**/*.cjs"], entry: ["src/*.ts", "src/*/*.ts"] },
  {
    ...base,
    clean: false,
    entry: ["src/*.cjs", "src/*/*.cjs"],
    format: ["cjs"],
    outExtension: () => ({ js: ".cjs" }),
    splitting: false,
  },
]);
