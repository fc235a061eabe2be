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

class Base {
  readonly step = 1;
  next(n: number) {
    return n + this.step;
  }
  shared() {
    return "base";
  }
}
class Counter extends Base {
  #calls = 0;
  static readonly unit = "calls";
  static make() {
    return `made of ${Counter.unit}`;
  }
  count() {
    return ++this.#calls;
  }
  override shared() {
    return "counter";
  }
  get late(): () => number {
    throw new Error("a getter of a class is not read");
  }
}
const compiled = (exported: Record<string, unknown>) =>
  Object.defineProperty(exported, "__esModule", { value: true });
const fail = () => {
  throw new Error("not today");
};

describe("the default export", () => {
  const add = (a: number, b: number) => a + b;
  const object = { add, version: 1 };
  const cyclic = compiled({ add });
  cyclic.default = cyclic;

  test.each<[string, object, string[]]>([
    ["an object", { default: object }, ["add"]],
    ["CommonJS as Node 22 gives it", { default: { add } }, ["add"]],
    ["CommonJS as Node 24 gives it", { default: { add }, "module.exports": { add } }, ["add"]],
    ["CommonJS whose names Bun sees", { add, default: { add } }, ["add"]],
    ["a function", { default: add }, ["default"]],
    [
      "a CommonJS function",
      { default: add, "module.exports": add, length: 2, name: "add", prototype: {} },
      ["default"],
    ],
    ["a function with more on it", { default: Object.assign(() => 1, { add }) }, ["add", "default"]],
    [
      "`exports.default` of an object",
      { __esModule: true, default: compiled({ default: { add } }) },
      ["add"],
    ],
    [
      "`exports.default` of a function",
      { default: compiled({ default: add, other: fail }) },
      ["default", "other"],
    ],
    ["compiled twice", { default: compiled({ default: compiled({ default: { add } }) }) }, ["add"]],
    ["itself", { add, default: cyclic }, ["add"]],
    [
      "the getters of a bundler",
      { default: Object.defineProperty({}, "add", { enumerable: true, get: () => add }) },
      ["add"],
    ],
    ["an instance", { default: new Counter() }, ["count", "next", "shared"]],
    ["an instance without a prototype", { default: Object.assign(Object.create(null), { add }) }, ["add"]],
    ["a class", { default: Counter }, ["default", "make"]],
    ["an object that inherits", { default: Object.create({ add }) }, ["add"]],
    ["an array", { default: [1] }, []],
    ["a Map", { default: new Map() }, []],
    ["a text", { default: "add" }, []],
    ["null", { default: null }, []],
    [
      "a getter that throws",
      { default: Object.defineProperty({ add }, "bad", { enumerable: true, get: fail }) },
      ["add"],
    ],
  ])("may be %s", (_, exported, expected) => {
    expect([...readExports(moduleOf(exported)).names].sort()).toEqual(expected);
  });

  test("has its methods bound to it, whether or not the runtime sees their names", () => {
    const counter = new Counter();
    for (const exported of [
      { default: counter },
      { default: counter, count: counter.count, next: counter.next },
    ]) {
      const { names, tasks } = readExports(moduleOf(exported));
      const call = (name: string, ...args: unknown[]) => tasks[names.indexOf(name)]?.(...args);
      expect(call("next", 5)).toBe(6);
      expect(call("shared")).toBe("counter");
      call("count");
    }
    expect(counter.count()).toBe(3);
  });

  test("counts where the namespace has no such function", () => {
    const own = () => "namespace";
    const { names, tasks } = readExports(
      moduleOf({ add: own, version: 1, default: { add: () => "default", version: () => 2 } }),
    );
    expect(names.map((name, i) => `${name} ${tasks[i]?.()}`)).toEqual(["add namespace", "version 2"]);
  });

  test("may have the hooks, bound to it; one of the wrong type is told", () => {
    const state = {
      ready: false,
      setup() {
        this.ready = true;
      },
      teardown() {
        this.ready = false;
      },
      work: () => 1,
    };
    const { names, setup, teardown } = readExports(moduleOf({ default: compiled({ default: state }) }));
    expect(names).toEqual(["work"]);
    setup?.();
    expect(state.ready).toBe(true);
    teardown?.();
    expect(state.ready).toBe(false);
    expect(() => readExports(moduleOf({ default: { setup: 5 } }))).toThrow(
      "`setup` to be a function, received number",
    );
    const outer = () => {};
    expect(readExports(moduleOf({ setup: outer, default: state })).setup).toBe(outer);
  });
});
