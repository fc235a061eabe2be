/**
 * The contract: what every adapter must do, as a list of cases that any test runner can run inside the
 * runtime in question. A case throws when the adapter breaks it, and leaves no process behind.
 *
 *     for (const { name, run } of contractCases) test(name, () => run(contractSubject(runtime)));
 */
import { createPoolOn } from "../host/create-pool.ts";
import { sibling } from "../port/launcher.ts";
import type { Runtime } from "../port/runtime.ts";
import { closeCases } from "./cases/close.ts";
import { crashCases } from "./cases/crash.ts";
import { groupCases } from "./cases/groups.ts";
import { lifeCases } from "./cases/life.ts";
import { processCases } from "./cases/process.ts";
import { protocolCases } from "./cases/protocol.ts";
import { queueCases } from "./cases/queue.ts";
import { runCases } from "./cases/run.ts";
import { startCases } from "./cases/start.ts";
import { timeCases } from "./cases/time.ts";
import { valueCases } from "./cases/values.ts";
import type { ContractCase, Subject } from "./contract-case.ts";

export type { ProcessInfo } from "../reaping/process-table.ts";
export type { ContractCase, Subject } from "./contract-case.ts";
export { assertNoLeftovers, type LeftoverOptions, listProcesses } from "./leftovers.ts";

export const contractCases: readonly ContractCase[] = [
  ...processCases,
  ...runCases,
  ...valueCases,
  ...queueCases,
  ...timeCases,
  ...crashCases,
  ...protocolCases,
  ...startCases,
  ...lifeCases,
  ...groupCases,
  ...closeCases,
];

/** What the cases need, for the runtime under test. */
export function contractSubject(runtime: Runtime): Subject {
  return {
    runtime,
    createPool: createPoolOn(runtime),
    fixture: sibling("./fixtures/work", import.meta.url),
    foreignWorker: sibling("./fixtures/foreign-worker", import.meta.url),
  };
}
