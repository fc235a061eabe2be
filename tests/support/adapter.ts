/** The adapter of the runtime this test runs in. The three have the same surface, so one type serves. */
export const name = "Bun" in globalThis ? "bun" : "Deno" in globalThis ? "deno" : "node";

export const adapter = (await import(`@reapool/${name}`)) as typeof import("@reapool/node");
