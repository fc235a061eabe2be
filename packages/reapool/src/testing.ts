/** For people's own tests: `import { assertNoLeftovers } from "reapool/testing"`. */
export * from "@reapool/core/leftovers";
