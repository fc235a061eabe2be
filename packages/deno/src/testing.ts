/** For people's own tests: `import { assertNoLeftovers } from "@reapool/deno/testing"`. */
export { assertNoLeftovers, type LeftoverOptions, listProcesses } from "@reapool/core/testing";
