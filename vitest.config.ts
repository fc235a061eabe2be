import { defineConfig } from "vitest/config";

const runtime = "Bun" in globalThis ? "bun" : "Deno" in globalThis ? "deno" : "node";

export default defineConfig({
  resolve: { conditions: ["reapool-source"] },
  ssr: { resolve: { conditions: ["reapool-source"], externalConditions: ["reapool-source"] } },
  test: {
    setupFiles: ["tests/support/after-each.ts"],
    pool: "forks", // the only pool that works in all three runtimes and survives a crashing test
    // On two cores Vitest would run one file at a time, which left half of the machine idle.
    maxWorkers: "100%",
    // A deadline for what hangs, not a measure of speed: this machine may be busy.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    projects: [
      // Run in the order of their names: the long files first.
      {
        extends: true,
        test: { name: `${runtime}-processes`, include: ["tests/**/*.test.ts"] },
      },
      {
        extends: true,
        test: {
          name: `${runtime}-units`,
          include: ["packages/*/tests/**/*.test.ts"],
          isolate: false, // a process for each of the many small files took longer than their tests
        },
      },
    ],
  },
});
