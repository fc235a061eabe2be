/** What a run of all leaves out is there: a name that has changed would be left out no more, and nobody would see it. */
import { existsSync } from "node:fs";
import { contractCases } from "@reapool/core/testing";
import { expect, it } from "vitest";
import { caseBeginnings, files, takesCase } from "./support/selection.ts";

it("each file that is left out somewhere exists", () => {
  expect(files.filter((file) => !existsSync(file))).toEqual([]);
});

it.each(caseBeginnings)("a case of the contract begins with `%s`", (beginning) => {
  expect(contractCases.some(({ name }) => name.startsWith(beginning))).toBe(true);
});

it("the contract is more than what is left out", () => {
  expect(contractCases.filter(({ name }) => takesCase(name)).length).toBeGreaterThan(
    contractCases.length / 2,
  );
});
