/** For people's own tests: `import { assertNoLeftovers } from "@reapool/bun/testing"`. */
export {
  assertNoLeftovers,
  type LeftoverOptions,
  listProcesses,
  type ProcessInfo,
} from "@reapool/core/testing";
