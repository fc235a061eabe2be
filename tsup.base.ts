import { defineConfig, type Options } from "tsup";

/** What the packages' builds share; declarations come from `tsc -b`. */
export const base: Options = {
  format: ["esm"],
  target: "es2023",
  platform: "neutral",
  sourcemap: false, // nothing is minified, and a map would double the size of a package
  clean: ["!**/*.d.ts", "!**/*.tsbuildinfo"], // all but what tsc has made
  dts: false,
  removeNodeProtocol: false, // tsup would turn "node:net" into "net", which Deno refuses
  splitting: true,
  treeshake: false,
  external: [/^bun(:|$)/, /^node:/],
};

/**
 * An adapter: its library, and the program of its workers, in one file that needs no other. Bundlers and tools that trace files
 * copy it as it is, to where there is no node_modules.
 */
export const libraryAndProgram = defineConfig([
  {
    ...base,
    clean: [...(base.clean as string[]), "!worker-main.mjs", "!*.cjs"],
    entry: ["src/index.ts", "src/launcher.ts", "src/testing.ts", "src/worker.ts"],
  },
  {
    ...base,
    clean: false,
    entry: ["src/worker-main.ts"],
    outExtension: () => ({ js: ".mjs" }),
    splitting: false,
    noExternal: [/^@reapool\//],
    esbuildOptions: (options) => {
      options.conditions = ["reapool-source"]; // the other packages may not be built yet
    },
  },
]);
