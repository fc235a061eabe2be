import { defineConfig } from "vitest/config";

const runtime = "Bun" in globalThis ? "bun" : "Deno" in globalThis ? "deno" : "node";

export default defineConfig({
  resolve: { conditions: ["reapool-source"] },
  ssr: { resolve: { conditions: ["reapool-source"], externalConditions: ["reapool-source"] } },
  test: {
    name: runtime,
    include: ["packages/*/tests/**/*.test.ts", "tests/**/*.test.ts"],
    setupFiles: ["tests/support/after-each.ts"],
    pool: "forks", // the only pool that works in all three runtimes and survives a crashing test
    // A deadline for what hangs, not a measure of speed: this machine may be busy.
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
