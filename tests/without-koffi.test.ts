/**
 * Node before 26 calls libc through an optional dependency. Where that has been left out, or may not be loaded, whatever
 * needs no libc works, and a host that is PID 1 says once what it can't do.
 */
import { fileURLToPath } from "node:url";
import { describe, expect, it, type TestContext } from "vitest";
import { name } from "./support/adapter.ts";
import { programArguments, startCommand } from "./support/host.ts";
import { pidNamespace, type Wrapper } from "./support/sandbox.ts";

const hiding = fileURLToPath(new URL("../bench/src/paired/without-koffi.cjs", import.meta.url));
const takesKoffi = name === "node" && Number(process.versions.node.split(".")[0]) < 26;

const WITHOUT: [string, string[], string][] = [
  [
    "left out",
    ["--require", hiding],
    "Node before 26 can call libc through the package koffi alone; npm install koffi.",
  ],
  [
    "forbidden to load",
    ["--no-addons"],
    "koffi alone, which does not load: Cannot load native addon because loading addons is disabled.",
  ],
];

async function run(context: TestContext, wrapper: Wrapper, flags: readonly string[]) {
  if (typeof wrapper === "string") context.skip(wrapper);
  const program = programArguments("without-libc-host.ts");
  const [file = "", ...args] = [...wrapper, process.execPath, ...flags, ...program];
  const host = startCommand(file, args, process.env);
  const said = async (what: string) => JSON.parse(await host.said(what)) as unknown;
  const seen = {
    capabilities: await said("capabilities"),
    sum: await said("sum"),
    warnings: (await said("warnings")) as string[],
  };
  expect((await host.ended).code).toBe(0);
  return seen;
}

describe.skipIf(!takesKoffi)("a host in Node before 26", () => {
  for (const [how, flags, reason] of WITHOUT) {
    it(`that is PID 1 warns once and works, with koffi ${how}`, async (context) => {
      const { capabilities, sum, warnings } = await run(context, pidNamespace, flags);
      expect([capabilities, sum]).toEqual([[false, false], 600]);
      expect(warnings).toHaveLength(1);
      expect(warnings[0]).toContain(reason);
    });

    it(`that is not PID 1 works and says nothing, with koffi ${how}`, async (context) => {
      const seen = await run(context, [], flags);
      expect(seen).toEqual({ capabilities: [false, false], sum: 600, warnings: [] });
    });
  }

  it("has it by a plain install, so these tests can fail", async (context) => {
    const seen = await run(context, pidNamespace, []);
    expect(seen).toEqual({ capabilities: [true, true], sum: 600, warnings: [] });
  });
});
