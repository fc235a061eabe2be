/** For people's own tests: `import { assertNoLeftovers } from "@reapool/node/testing"`. */
export {
  assertNoLeftovers,
  type LeftoverOptions,
  listProcesses,
  type ProcessInfo,
} from "@reapool/core/testing";
