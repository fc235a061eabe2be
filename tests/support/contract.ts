/**
 * The contract of `@reapool/core/testing`, inside the runtime of this test, against its real adapter. Two files share
 * its cases, so that they run side by side; each case belongs to exactly one.
 */
import { type ContractCase, contractCases, contractSubject } from "@reapool/core/testing";
import { describe, it } from "vitest";
import { adapter, name } from "./adapter.ts";

/** What stands before the colon in the name of a case. A topic that is not named here is in the other half. */
const TOPICS_OF_LIVES = [
  "start",
  "setup",
  "worker",
  "idle",
  "spares",
  "recycle",
  "hang",
  "memoryLimit",
  "resize",
  "restart",
  "crash",
  "retry",
  "group",
  "close",
  "terminate",
  "await using",
];

export const isAboutLives = (of: ContractCase): boolean =>
  TOPICS_OF_LIVES.some((topic) => of.name.startsWith(`${topic}:`));

export function describeContract(belongs: (of: ContractCase) => boolean): void {
  const subject = contractSubject(adapter.runtime);
  describe(`the contract on ${name}`, () => {
    for (const { name: title, needs, run } of contractCases.filter(belongs)) {
      it.skipIf(needs !== undefined && !adapter.runtime.capabilities[needs])(title, () => run(subject));
    }
  });
}
