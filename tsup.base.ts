import type { Options } from "tsup";

/** What the packages' builds share; declarations come from `tsc -b`. */
export const base: Options = {
  format: ["esm"],
  target: "es2023",
  platform: "neutral",
  sourcemap: true,
  clean: ["!**/*.d.ts", "!**/*.d.ts.map", "!**/*.tsbuildinfo"], // all but what tsc has made
  dts: false,
  removeNodeProtocol: false, // tsup would turn "node:net" into "net", which Deno refuses
  splitting: true,
  treeshake: false,
  external: [/^bun(:|$)/, /^node:/],
};
