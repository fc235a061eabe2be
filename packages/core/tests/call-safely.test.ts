/** What the application has given is called under a net, whatever it is and does. */
import { describe, expect, test } from "vitest";
import { callSafely } from "../src/call-safely.ts";
import { settled } from "./support/fake-clock.ts";

const mine = new Error("mine");

const thrower = () => {
  throw mine;
};

async function errorsOf(call: () => unknown): Promise<unknown[]> {
  const errors: unknown[] = [];
  expect(() => callSafely(call, (error) => errors.push(error))).not.toThrow();
  await settled();
  return errors;
}

describe("what is called", () => {
  test.each<[string, () => unknown]>([
    ["throws", thrower],
    ["rejects", () => Promise.reject(mine)],
    ["is async and throws", async () => thrower()],
    ["is async and throws later", async () => settled().then(thrower)],
    [
      "returns a thenable that rejects",
      // biome-ignore lint/suspicious/noThenProperty: it is the point
      () => ({ then: (_: unknown, no: (error: unknown) => void) => no(mine) }),
    ],
    // biome-ignore lint/suspicious/noThenProperty: it is the point
    ["returns a thenable that throws", () => ({ then: thrower })],
    [
      "returns what throws when it is looked at",
      // biome-ignore lint/suspicious/noThenProperty: it is the point
      () => Object.defineProperty({}, "then", { get: thrower }),
    ],
  ])("and %s is told, once", async (_, call) => {
    const errors = await errorsOf(async () => {
      const result = call();
      await result;
    });
    expect(errors).toEqual([mine]);
    expect(await errorsOf(call)).toEqual([mine]);
  });

  test("and returns a revoked proxy is told", async () => {
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    expect(await errorsOf(() => proxy)).toEqual([expect.any(TypeError)]);
  });

  test.each<[string, () => unknown]>([
    ["returns nothing", () => {}],
    ["returns null", () => null],
    ["returns an object", () => ({})],
    ["returns a function", () => thrower],
    ["resolves", async () => "fine"],
    ["never settles", () => new Promise(() => {})],
    // biome-ignore lint/suspicious/noThenProperty: it is the point
    ["returns what only looks like a promise", () => ({ then: "later" })],
  ])("and %s is no error", async (_, call) => {
    expect(await errorsOf(call)).toEqual([]);
  });

  test.each([undefined, null, 0, "", Symbol("odd"), { toString: 1 }])(
    "may throw anything: %o",
    async (odd) => {
      const call = () => {
        throw odd;
      };
      expect(await errorsOf(call)).toEqual([odd]);
      expect(await errorsOf(() => Promise.reject(odd))).toEqual([odd]);
    },
  );
});
