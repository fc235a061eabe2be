/**
 * The contract: what every adapter must do, as a list of cases that any test runner can run inside the
 * runtime in question. A case throws when the adapter breaks it, and leaves no process behind.
 *
 *     for (const { name, run } of contractCases) test(name, () => run(contractSubject(runtime)));
 */
import { createPoolOn } from "../pool/create-pool.ts";
import type { Runtime } from "../port/runtime.ts";
import { blameCases } from "./cases/blame.ts";
import { broadcastCases } from "./cases/broadcast.ts";
import { callOutputCases } from "./cases/call-output.ts";
import { callerCases } from "./cases/caller.ts";
import { closeCases } from "./cases/close.ts";
import { containmentCases } from "./cases/containment.ts";
import { containmentLevelCases } from "./cases/containment-levels.ts";
import { contextCases } from "./cases/context.ts";
import { crashCases } from "./cases/crash.ts";
import { fileCases } from "./cases/files.ts";
import { finishedCases } from "./cases/finished.ts";
import { groupCases } from "./cases/groups.ts";
import { hostileCases } from "./cases/hostile.ts";
import { ladderCases } from "./cases/ladder.ts";
import { largeBufferCases } from "./cases/large-buffers.ts";
import { leaseCases } from "./cases/lease.ts";
import { lifeCases } from "./cases/life.ts";
import { mapCases } from "./cases/map.ts";
import { mistakeCases } from "./cases/mistakes.ts";
import { moduleCases } from "./cases/modules.ts";
import { outputCases } from "./cases/output.ts";
import { priorityAndKeyCases } from "./cases/priority-and-key.ts";
import { processCases } from "./cases/process.ts";
import { progressCases } from "./cases/progress.ts";
import { protocolCases } from "./cases/protocol.ts";
import { queueCases } from "./cases/queue.ts";
import { randomDeathCases } from "./cases/random-deaths.ts";
import { readableCases } from "./cases/readable.ts";
import { resizeAndRestartCases } from "./cases/resize-and-restart.ts";
import { retryCases } from "./cases/retry.ts";
import { runCases } from "./cases/run.ts";
import { sendingAheadCases } from "./cases/sending-ahead.ts";
import { sharedMemoryCases } from "./cases/shared-memory.ts";
import { sharedMemoryReleaseCases } from "./cases/shared-memory-release.ts";
import { signalCases } from "./cases/signals.ts";
import { startCases } from "./cases/start.ts";
import { streamCases } from "./cases/stream.ts";
import { timeCases } from "./cases/time.ts";
import { valueCases } from "./cases/values.ts";
import { workerLifeCases } from "./cases/worker-life.ts";
import { workerLimitCases } from "./cases/worker-limits.ts";
import type { ContractCase, Subject } from "./contract-case.ts";
import { sibling } from "./sibling.ts";

export type { ContractCase, Subject } from "./contract-case.ts";
export * from "./leftovers.ts";

export const contractCases: readonly ContractCase[] = [
  ...processCases,
  ...fileCases,
  ...runCases,
  ...callerCases,
  ...mistakeCases,
  ...valueCases,
  ...sharedMemoryCases,
  ...sharedMemoryReleaseCases,
  ...queueCases,
  ...priorityAndKeyCases,
  ...timeCases,
  ...sendingAheadCases,
  ...streamCases,
  ...readableCases,
  ...mapCases,
  ...progressCases,
  ...broadcastCases,
  ...contextCases,
  ...finishedCases,
  ...crashCases,
  ...blameCases,
  ...retryCases,
  ...randomDeathCases,
  ...protocolCases,
  ...hostileCases,
  ...startCases,
  ...moduleCases,
  ...largeBufferCases,
  ...lifeCases,
  ...outputCases,
  ...callOutputCases,
  ...workerLifeCases,
  ...workerLimitCases,
  ...leaseCases,
  ...resizeAndRestartCases,
  ...groupCases,
  ...containmentCases,
  ...containmentLevelCases,
  ...closeCases,
  ...ladderCases,
  ...signalCases,
];

/** What the cases need, for the runtime under test. */
export function contractSubject(runtime: Runtime): Subject {
  return {
    runtime,
    createPool: createPoolOn(runtime),
    fixture: sibling("./fixtures/work", import.meta.url),
    sharingFixture: sibling("./fixtures/sharing", import.meta.url),
    foreignWorker: sibling("./fixtures/foreign-worker", import.meta.url),
  };
}
