/** The adapter of the runtime this player runs in. The three have the same surface, so one type serves. */
const name = "Bun" in globalThis ? "bun" : "Deno" in globalThis ? "deno" : "node";

export type Adapter = typeof import("@reapool/node");
export const adapter = (await import(`@reapool/${name}`)) as Adapter;
