import { describe, expect, test } from "vitest";
import { createProxy } from "../../src/pool/task-proxy.ts";

type Methods = Record<string, (...args: unknown[]) => Promise<unknown>>;

function setUp(): { proxy: Methods; calls: [string, unknown[]][] } {
  const calls: [string, unknown[]][] = [];
  const run = (name: string, args: unknown[]): Promise<unknown> => {
    calls.push([name, args]);
    return Promise.resolve(`result of ${name}`);
  };
  return { proxy: createProxy(run) as Methods, calls };
}

describe("the proxy", () => {
  test("turns a method into a call with its arguments as a list", async () => {
    const { proxy, calls } = setUp();
    await expect(proxy.add?.(1, undefined, { a: 2 })).resolves.toBe("result of add");
    await proxy.tick?.();
    expect(calls).toEqual([
      ["add", [1, undefined, { a: 2 }]],
      ["tick", []],
    ]);
  });

  test.each(["constructor", "valueOf", "hasOwnProperty", "__proto__", "inspect"])(
    "has none for the export `%s`, which the language or a log may read",
    (name) => expect(setUp().proxy[name]).toBeUndefined(),
  );

  test.each(["catch", "length", "0", ""])(
    "has a method for the export `%s`, whatever objects have by that name",
    async (name) => {
      const { proxy, calls } = setUp();
      await proxy[name]?.(1);
      expect(calls).toEqual([[name, [1]]]);
    },
  );

  test("is no promise: awaiting it gives it back and calls nothing", async () => {
    const { proxy, calls } = setUp();
    expect((await proxy) === proxy).toBe(true);
    expect(proxy.then).toBeUndefined();
    expect(calls).toEqual([]);
  });

  test("has nothing under a symbol, so that showing and iterating it call nothing", () => {
    const { proxy, calls } = setUp();
    for (const symbol of [Symbol.iterator, Symbol.toPrimitive, Symbol.toStringTag, Symbol("a")]) {
      expect(proxy[symbol as never]).toBeUndefined();
    }
    expect(calls).toEqual([]);
  });

  test("gives the same method each time, so that it can be compared and passed on", async () => {
    const { proxy, calls } = setUp();
    const { add } = proxy;
    expect(proxy.add === add).toBe(true);
    await add?.(1);
    expect(calls).toEqual([["add", [1]]]);
  });

  test("can't be changed", () => {
    const { proxy } = setUp();
    expect(() => {
      proxy.add = () => Promise.resolve();
    }).toThrow(TypeError);
    expect(Object.keys(proxy)).toEqual([]);
  });
});
