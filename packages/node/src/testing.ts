/** For people's own tests: `import { assertNoLeftovers } from "@reapool/node/testing"`. */
export * from "@reapool/core/leftovers";
