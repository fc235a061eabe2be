/** The adapter of the runtime this player runs in. The three have the same surface, so one type serves. */
const adapters = {
  node: () => import("@reapool/node"),
  bun: () => import("@reapool/bun"),
  deno: () => import("@reapool/deno"),
};

const name: keyof typeof adapters = "Bun" in globalThis ? "bun" : "Deno" in globalThis ? "deno" : "node";

export type Adapter = typeof import("@reapool/node");
export const adapter: Adapter = await adapters[name]();
