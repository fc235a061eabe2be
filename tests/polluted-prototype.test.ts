/** `Object.prototype` has what the caller has not given: no option of ours, and none of the runtime's, is taken from there. */
import { expect, it } from "vitest";
import type * as Work from "./fixtures/polluting-work.ts";
import { adapter } from "./support/adapter.ts";
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

it("a worker module that pollutes it changes no answer of its worker", { timeout: 120_000 }, async () => {
  const module = new URL("./fixtures/polluting-work.ts", import.meta.url);
  const pool = adapter.createPool<typeof Work>(module, { maxWorkers: 1, worker: { stderr: "ignore" } });
  try {
    expect(await pool.run("seen")).toBe("nothing");
    const value = { a: [1, new Date(7)], m: new Map([["k", new Set([1])]]), u: undefined };
    expect(await pool.run("echo", [value])).toEqual(value);
    await expect(pool.run("fail")).rejects.toThrow(new RangeError("as asked"));
    const items: number[] = [];
    for await (const item of pool.stream("count", [3])) items.push(item);
    expect(items).toEqual([0, 1, 2]);
    const heard: unknown[] = [];
    await pool.run("tell", [], { onProgress: (part: unknown) => heard.push(part) });
    expect(heard).toEqual([{ part: 1 }]);
    const chunks = pool.map("half", [[2], [3], [4]], { chunk: 3, stopOnError: false });
    const halves: number[] = [];
    const end = (async () => {
      for await (const half of chunks) halves.push(half);
    })();
    await expect(end).rejects.toMatchObject({ errors: [expect.objectContaining({ message: "odd 3" })] });
    expect(halves).toEqual([1, 2]);
  } finally {
    await pool.terminate();
  }
});
