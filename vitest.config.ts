/**
 * Which test files there are, and which of them a runtime runs. What starts a process runs in all five, on the packages
 * as they are built: that is what is published, and it starts in half the time. The units of packages run on the sources,
 * whole in one runtime; `npm test` has the others run those in which the runtime itself is put to the test.
 */
import { defineConfig } from "vitest/config";

const runtime = "Bun" in globalThis ? "bun" : "Deno" in globalThis ? "deno" : "node";

/** Units on the shells and the processes of this machine. */
const UNITS_WITH_PROCESSES = [
  "packages/core/tests/reaping/guard-script.test.ts",
  "packages/core/tests/reaping/look-script.test.ts",
  "packages/core/tests/reaping/leftovers.test.ts",
  "packages/core/tests/slot/worker-command.test.ts",
];

/**
 * Units whose outcome a runtime or its engine decides. The others (machine, plan, queue, options, pools on a fake
 * runtime and a fake clock ...) do arithmetic and wait for promises, which is the same language everywhere; what comes
 * of it in a runtime is in the contract.
 */
const UNITS_OF_A_RUNTIME = [
  "packages/*/tests/wire/**", // which values there are, how they are cloned, and the errors of text and numbers
  "packages/*/tests/support/**", // what tells two values apart
  "packages/*/tests/memory/**", // ArrayBuffers: detached, resizable, collected
  "packages/*/tests/worker/**", // what user code throws and returns, the loop's turns, the context of a call
  "packages/*/tests/flow/readable.test.ts", // the runtime's own streams
  "packages/*/tests/task/readable-inputs.test.ts",
  "packages/*/tests/task/map-errors.test.ts", // its unhandled rejections
  "packages/*/tests/host/host-process.test.ts", // its AsyncLocalStorage
  "packages/*/tests/reaping/process-table.test.ts", // its /proc
  "packages/*/tests/{errors,call-safely,message-of}.test.ts", // stack traces, and objects that throw when touched
];
const unitsOfRuntime = UNITS_OF_A_RUNTIME.map((pattern) => pattern.replace(/\*\*$/, "**/*.test.ts"));
const fromSource = ["reapool-source"];
const isSelection = process.env.TEST_UNITS === "of-runtime"; // set by scripts/test.mjs

function processes(name: string, include: string[], exclude: string[] = []) {
  return {
    extends: true,
    test: {
      name: `${runtime}-${name}`,
      include,
      // The packages link to one another in node_modules; what lies in tests/deploy is for `npm run matrix`.
      exclude: ["**/node_modules/**", "tests/deploy/**", ...exclude],
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
    testTimeout: 60_000,
    hookTimeout: 60_000,
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
          include: isSelection ? unitsOfRuntime : ["packages/*/tests/**/*.test.ts"],
          exclude: UNITS_WITH_PROCESSES,
          setupFiles: ["tests/support/after-file.ts"],
          isolate: false, // a process for each of the many small files took longer than their tests
        },
      },
    ],
  },
});
