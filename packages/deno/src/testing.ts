/** For people's own tests: `import { assertNoLeftovers } from "@reapool/deno/testing"`. */
export * from "@reapool/core/leftovers";
