/** Globals and prototypes that somebody has changed, in the host or in a worker: every value and every error is as without. */
import { beforeAll, describe, expect, it } from "vitest";
import { POLLUTIONS } from "./fixtures/pollution.ts";
import { programArguments, startProgram } from "./support/host.ts";

/** What becomes of each call, in words. */
async function outcomes(...args: string[]): Promise<string[]> {
  const { output } = await startProgram(programArguments("patched-host.ts", ...args)).ended;
  return output.split("\n").filter((line) => line.startsWith("said "));
}

let expected: readonly string[];
beforeAll(async () => {
  expected = await outcomes("nowhere");
});

it("the calls of these tests bring what they should", () => {
  expect(expected).toHaveLength(19);
  expect(expected).toContain('said fails rejects RangeError(boom, code: "E_OWN", detail: [1])');
  expect(expected).toContain("said stream [{n:1,list:[1]},{n:2,list:[2]},Error(after them)]");
  expect(expected).toContain('said uncaught ["ERR_WORKER_EXIT","nobody catches it"]');
  expect(expected.at(-1)).toBe("said closes undefined");
});

const IN_WORKER = Object.keys(POLLUTIONS);
/** With a `get` that all inherit, Bun's own process.stdout breaks. */
const IN_HOST = IN_WORKER.filter((pollution) => pollution !== "a get for every descriptor");

describe.each([
  ["worker", IN_WORKER],
  ["host", IN_HOST],
])("in the %s", (where, pollutions) => {
  it.each(pollutions)("%s", async (pollution) => {
    expect(await outcomes(where, pollution)).toEqual(expected);
  });
});
