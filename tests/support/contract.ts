/**
 * The contract of `@reapool/core/testing`, inside the runtime of this test, against its real adapter. Three files share
 * its cases, so that they run side by side and take about as long; each case belongs to exactly one.
 */
import { type ContractCase, contractCases, contractSubject } from "@reapool/core/testing";
import { describe, it } from "vitest";
import { adapter, name } from "./adapter.ts";
import { takesCase } from "./selection.ts";

/** What stands before the colon in the name of a case. A topic that is not named here is in the part of the calls. */
const TOPICS = {
  lives: [
    "start",
    "module",
    "setup",
    "worker",
    "idle",
    "spares",
    "recycle",
    "hang",
    "lease",
    "containment",
    "limits",
    "resize",
    "restart",
    "crash",
    "retry",
    "group",
    "close",
    "terminate",
    "ladder",
    "await using",
  ],
  losses: ["ahead", "blame", "finished", "hostile"],
};

export type Part = keyof typeof TOPICS | "calls";

function partOf({ name: title }: ContractCase): Part {
  const isIn = (part: keyof typeof TOPICS) => TOPICS[part].some((topic) => title.startsWith(`${topic}:`));
  return isIn("lives") ? "lives" : isIn("losses") ? "losses" : "calls";
}

export function describeContract(part: Part): void {
  const subject = contractSubject(adapter.runtime);
  describe(`the contract on ${name}`, () => {
    for (const of of contractCases.filter((one) => partOf(one) === part && takesCase(one.name))) {
      const { name: title, needs } = of;
      it.skipIf(needs !== undefined && !adapter.runtime.capabilities[needs])(title, async ({ skip }) => {
        const reason = await of.lacks?.(subject);
        if (reason !== undefined) skip(reason);
        await of.run(subject);
      });
    }
  });
}
