import { describe, expect, test } from "vitest";
import { readExports } from "../../src/worker/exports.ts";

/** As `import()` gives it: without a prototype and with a tag. */
function moduleOf(exported: object): object {
  const module = Object.create(null, Object.getOwnPropertyDescriptors(exported)) as object;
  return Object.defineProperty(module, Symbol.toStringTag, { value: "Module" });
}

describe("the exports of a worker module", () => {
  test("that are functions are tasks, in one order for names and functions", () => {
    const add = () => 1;
    async function load(): Promise<void> {}
    function* count(): Generator<number> {}
    class Point {}
    const { names, tasks } = readExports(moduleOf({ add, load, count, Point, default: add }));
    expect(names).toEqual(["add", "load", "count", "Point", "default"]);
    expect(tasks).toEqual([add, load, count, Point, add]);
  });

  test("that are no functions are left out", () => {
    const { names } = readExports(
      moduleOf({ version: "1", list: [], table: {}, nothing: null, missing: undefined, work() {} }),
    );
    expect(names).toEqual(["work"]);
  });

  test("named `setup` and `teardown` are hooks and no tasks", () => {
    const setup = () => {};
    const teardown = () => {};
    const module = readExports(moduleOf({ setup, work: () => {}, teardown }));
    expect(module.names).toEqual(["work"]);
    expect([module.setup, module.teardown]).toEqual([setup, teardown]);
  });

  test("may lack the hooks, or everything", () => {
    expect(readExports(moduleOf({ work: () => {} }))).toMatchObject({
      setup: undefined,
      teardown: undefined,
    });
    expect(readExports(moduleOf({}))).toEqual({
      names: [],
      tasks: [],
      setup: undefined,
      teardown: undefined,
    });
  });

  test.each<[string, unknown, string]>([
    ["setup", {}, "object"],
    ["setup", null, "object"],
    ["teardown", "stop", "string"],
    ["teardown", true, "boolean"],
  ])("named `%s` must be functions", (name, value, received) => {
    expect(() => readExports(moduleOf({ [name]: value, work: () => {} }))).toThrow(
      new TypeError(`Expected the export \`${name}\` to be a function, received ${received}`),
    );
  });

  test("of a real module are read as its author wrote them", async () => {
    const { names } = readExports(await import("../support/channel.ts"));
    expect([...names].sort()).toEqual(["RecordingChannel", "join"]);
  });
});
