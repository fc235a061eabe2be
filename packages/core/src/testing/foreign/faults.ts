/**
 * What a worker can get wrong: one fault for each field of the protocol, as the bytes to send instead of the right ones,
 * and what should happen to the call and the worker. hostile.ts makes the calls, foreign-worker.ts sends the bytes.
 */
import { answerFaults } from "./answer-faults.ts";
import type { Fault } from "./fault.ts";
import { flowFaults } from "./flow-faults.ts";
import { journalFaults } from "./journal-faults.ts";
import { laneFaults } from "./lane-faults.ts";
import { startFaults } from "./start-faults.ts";
import { valueFaults } from "./value-faults.ts";

export const faults: readonly Fault[] = [
  ...startFaults,
  ...answerFaults,
  ...valueFaults,
  ...flowFaults,
  ...journalFaults,
  ...laneFaults,
];
