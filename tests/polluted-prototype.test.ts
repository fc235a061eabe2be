/** `Object.prototype` has what the caller has not given: no option of ours, and none of the runtime's, is taken from there. */
import { expect, it } from "vitest";
import { programArguments, startProgram } from "./support/host.ts";
import { POISONS } from "./support/poisons.ts";

const startHost = (scenario: string) => startProgram(programArguments("polluted-host.ts", scenario));

it("no option of any call is read there, in pools made before and after", { timeout: 120_000 }, async () => {
  const found: string[] = JSON.parse(await startHost("reads").said(""));
  const isRead = (entry: string) => entry.includes(" ");
  const names = found.filter((entry) => !isRead(entry));
  // Some of each object that takes options: the list is made of the messages about unknown ones.
  const known = [
    "maxWorkers",
    "execArgv",
    "rss",
    "intensity",
    "jitter",
    "priority",
    "when",
    "chunk",
    "later",
  ];
  expect(names).toEqual(expect.arrayContaining([...known, "file", "executable"]));
  expect(found.filter(isRead)).toEqual([expect.stringMatching(/^timeout .*polluted-host\.ts/)]); // the control
});

it("workers start as if nothing was there, whatever is", { timeout: 120_000 }, async () => {
  const { poisons, clean, differing } = JSON.parse(await startHost("values").said(""));
  expect(poisons).toBe(Object.keys(POISONS).length);
  expect(JSON.parse(clean)).toMatchObject({ argv: [], poison: [], given: null });
  expect(differing).toEqual([]);
});
