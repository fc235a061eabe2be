/** The adapter of the runtime this host runs in. The three have the same surface, so one type serves. */
const adapters = {
  node: () => import("@reapool/node"),
  bun: () => import("@reapool/bun"),
  deno: () => import("@reapool/deno"),
};

type Name = keyof typeof adapters;
const name: Name = "Bun" in globalThis ? "bun" : "Deno" in globalThis ? "deno" : "node";

export const adapter: typeof import("@reapool/node") = await adapters[name]();
/** The worker module. */
export const WORK: URL = new URL("./work.ts", import.meta.url);
