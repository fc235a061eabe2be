/**
 * Which test files there are, and how they are run. What starts a process runs on the packages as they are built: that is what is
 * published, and it starts in half the time. The units of packages run on the sources. Which of them a runtime leaves out is in
 * tests/support/selection.ts.
 */
import { defineConfig } from "vitest/config";
import { leftOut, units } from "./tests/support/selection.ts";

const runtime = "Bun" in globalThis ? "bun" : "Deno" in globalThis ? "deno" : "node";

/** Units on the shells and the processes of this machine. */
const UNITS_WITH_PROCESSES = [
  "packages/core/tests/reaping/guard-script.test.ts",
  "packages/core/tests/reaping/look-script.test.ts",
  "packages/core/tests/reaping/leftovers.test.ts",
  "packages/core/tests/slot/worker-command.test.ts",
];

const fromSource = ["reapool-source"];

function processes(name: string, include: string[], exclude: string[] = []) {
  return {
    extends: true,
    test: {
      name: `${runtime}-${name}`,
      include,
      // The packages link to one another in node_modules; what lies in tests/deploy is for `npm run matrix`.
      exclude: ["**/node_modules/**", "tests/deploy/**", ...exclude, ...leftOut],
      setupFiles: ["tests/support/after-each.ts"],
      server: { deps: { external: [/\/packages\/[^/]+\/dist\//] } }, // the runtime itself loads them, as in their workers
    },
  } as const;
}

export default defineConfig({
  test: {
    pool: "forks", // the only pool that works in all three runtimes and survives a crashing test
    // On two cores Vitest would run one file at a time, which left half of the machine idle.
    maxWorkers: "100%",
    // A deadline for what hangs, not a measure of speed: this machine may be busy.
    testTimeout: 180_000,
    hookTimeout: 180_000,
    teardownTimeout: 180_000,
    projects: [
      // Run in the order of their names: the long files first. Vitest itself begins with those that have more text.
      processes("contract", ["tests/contract*.test.ts"]),
      processes("processes", ["tests/**/*.test.ts", ...UNITS_WITH_PROCESSES], ["tests/contract*.test.ts"]),
      {
        extends: true,
        resolve: { conditions: fromSource },
        ssr: { resolve: { conditions: fromSource, externalConditions: fromSource } },
        test: {
          name: `${runtime}-units`,
          include: [...units],
          exclude: UNITS_WITH_PROCESSES,
          setupFiles: ["tests/support/after-file.ts"],
          isolate: false, // a process for each of the many small files took longer than their tests
        },
      },
    ],
  },
});
