/** For people's own tests: `import { assertNoLeftovers } from "@reapool/node/testing"`. */
export { assertNoLeftovers, type LeftoverOptions, listProcesses } from "@reapool/core/testing";
