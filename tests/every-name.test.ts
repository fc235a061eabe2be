/** What our own objects lack is never looked for on `Object.prototype`, whatever a dependency has set there. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { name } from "./support/adapter.ts";
import { programArguments, startProgram } from "./support/host.ts";

const folder = mkdtempSync(join(tmpdir(), "every-name-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** What becomes of each call, in words; and which reads found something that no object of ours has. */
async function play(where: string): Promise<{ said: string[]; reads: Set<string> }> {
  const file = join(folder, where);
  writeFileSync(file, "");
  const { output } = await startProgram(programArguments("every-name-host.ts", where, file)).ended;
  const said = output.split("\n").filter((line) => line.startsWith("said "));
  return { said, reads: new Set(readFileSync(file, "utf8").split("\n").slice(0, -1)) };
}

let clean: Awaited<ReturnType<typeof play>>;
beforeAll(async () => {
  clean = await play("nowhere");
});

it("the calls of these tests bring what they should", () => {
  expect(clean.reads.size).toBe(0);
  expect(clean.said).toHaveLength(38);
  expect(clean.said).toContain("said fails rejects RangeError(boom, cause: Error(why))");
  expect(clean.said).toContain(
    "said map that fails [1,AggregateError(Some items of a map failed[Error(odd 1)])]",
  );
  expect(clean.said).toContain("said closes undefined");
  expect(clean.said).toContain("said events exit,ready,start");
});

describe.each([
  ["host", "fixtures/every-name.ts"],
  ["worker", "fixtures/every-name.ts"],
])("with every name on it in the %s", (where, place) => {
  it("each call ends as without, and none is read but by the control", async () => {
    const { said, reads } = await play(where);
    expect(said).toEqual(clean.said);
    expect([...reads]).toEqual([`timeout ${place}`]);
  });
});

/** What becomes of each call of a program in which every object is a thenable. */
async function outcomes(where: string): Promise<string[]> {
  const { output } = await startProgram(programArguments("then-host.ts", where)).ended;
  return output.split("\n").filter((line) => line.startsWith("said "));
}

describe("with a `then` on it", () => {
  let expected: string[];
  beforeAll(async () => {
    expected = await outcomes("nowhere");
    expect(expected).toHaveLength(19);
  });

  it("in the worker, results, items and chunks are as without", async () => {
    expect(await outcomes("worker")).toEqual(expected);
  });

  it.skipIf(name === "deno")("in the host, results, items and chunks are as without", async () => {
    expect(await outcomes("host")).toEqual(expected);
  });

  it.runIf(name === "deno")("in the host, the workers that it has go on", async () => {
    const untilDeath = [...expected.slice(0, 7), ...expected.slice(-2)];
    expect(await outcomes("host")).toEqual(untilDeath);
  });
});
