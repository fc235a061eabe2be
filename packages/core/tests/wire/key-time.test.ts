/** Keys that collide: how long a Map or Set of them may hold its receiver up, and who is not hit by that limit. */
import { afterEach, describe, expect, test } from "vitest";
import { ProtocolError } from "../../src/errors.ts";
import { decodeGraph } from "../../src/wire/graph-decode.ts";
import { KeyTime } from "../../src/wire/key-time.ts";
import { installClock } from "../../src/wire/wire-clock.ts";

afterEach(() => installClock(() => performance.now()));

/** How many of so many keys are read, each of which takes so long. */
function read(keys: number, ms: (key: number) => number): number {
  let time = 0;
  installClock(() => time);
  const keyTime = new KeyTime();
  for (let key = 0; key < keys; key++) {
    time += ms(key);
    try {
      keyTime.count();
    } catch (error) {
      expect(error).toBeInstanceOf(ProtocolError);
      return key + 1;
    }
  }
  return keys;
}

describe("keys", () => {
  test.each([
    ["that take a microsecond each, as usual", 2_000_000, () => 0.001],
    ["that take 20 of them, on a busy machine", 2_000_000, () => 0.02],
    ["that are few and slow", 5_000, () => 0.3],
    [
      "among which the process is stopped for a minute",
      100_000,
      (key: number) => (key === 50_000 ? 60_000 : 0.001),
    ],
  ])("%s are all read", (_, keys, ms) => {
    expect(read(keys, ms)).toBe(keys);
  });

  test.each([
    ["takes as long as all before it together", (key: number) => key * 0.000_06],
    ["takes a tenth of a millisecond", () => 0.1],
  ])("each of which %s are refused when that has cost seconds", (_, ms) => {
    const count = read(1_000_000, ms);
    expect(count).toBeLessThan(100_000);
  });

  test.each(["map", "set"])("of a %s count, those of all Maps and Sets of a value together", (kind) => {
    let time = 0;
    installClock(() => {
      time += 200; // for each look
      return time;
    });
    const keys = 4_096;
    const nodes = Array.from({ length: 5 }, (_, part) => [
      kind,
      ...Array.from({ length: keys }, (_, key) =>
        kind === "map" ? [part * keys + key, 0] : [part * keys + key],
      ).flat(),
    ]);
    const table = [[1], ["array", [1], [2], [3], [4], [5]], ...nodes];
    expect(() => decodeGraph(JSON.stringify(table), new Uint8Array())).toThrow(/keys of Maps and Sets/);
  });
});

test("a Map of bigints that differ only above their 64th bit holds nobody up for long", () => {
  const keys = Array.from({ length: 60_000 }, (_, key) => ["bigint", String(BigInt(key) << 64n)]);
  const table = [[1], ["map", ...keys.flatMap((key) => [key, 0])]];
  installClock(() => performance.now());
  const begin = performance.now();
  let size = 0;
  try {
    size = (decodeGraph(JSON.stringify(table), new Uint8Array()) as Map<bigint, number>).size;
  } catch (error) {
    expect(String(error)).toMatch(/keys of Maps and Sets that do not collide/);
  }
  expect(size === 0 || size === keys.length).toBe(true); // Bun is quick with them
  expect(performance.now() - begin).toBeLessThan(60_000);
});
