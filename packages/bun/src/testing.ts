/** For people's own tests: `import { assertNoLeftovers } from "@reapool/bun/testing"`. */
export * from "@reapool/core/leftovers";
