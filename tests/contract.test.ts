/** The contract of `@reapool/core/testing`, run inside each runtime against its real adapter. */
import { contractCases, contractSubject } from "@reapool/core/testing";
import { describe, it } from "vitest";
import { adapter, name } from "./support/adapter.ts";

const subject = contractSubject(adapter.runtime);

describe(`the contract on ${name}`, () => {
  for (const { name: title, needs, run } of contractCases) {
    it.skipIf(needs !== undefined && !adapter.runtime.capabilities[needs])(title, () => run(subject));
  }
});
