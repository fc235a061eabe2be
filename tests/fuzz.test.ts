/** The mutation loop of `npm run fuzz`, for a moment, in the runtime of this test; and whether it would find anything. */
import { describe, expect, test } from "vitest";
import { FrameReader } from "../packages/core/src/wire/frame-reader.ts";
import { decode } from "../packages/core/src/wire/value.ts";
import { fromHex, toHex } from "../tools/fuzz/src/bytes.ts";
import { ALL_TARGETS, type Found, fuzz } from "../tools/fuzz/src/loop.ts";
import { readerTarget } from "../tools/fuzz/src/reader-target.ts";
import { smallest } from "../tools/fuzz/src/smallest.ts";
import { valueTarget } from "../tools/fuzz/src/value-target.ts";
import { isWhole } from "./support/selection.ts";

/** Nothing is measured by these here. */
const GENEROUS = { ms: 10_000, bytes: 2 ** 29 };
const SEED = 11;
/** The first faulty input comes within some hundred; this is for a slow machine. */
const LONG_SECONDS = 30;
test("bytes that nobody should send do no harm", () => {
  let tried = 0;
  // Two seconds were too few for a hundred inputs where the machine was busy.
  for (let seed = SEED; tried <= 100; seed++) {
    const { inputs, found } = fuzz({ seed, seconds: 2, limits: GENEROUS });
    expect(found.map(({ target, what, index }) => `${target} ${index}: ${what}`)).toEqual([]);
    tried += inputs;
  }
});

/** Whether the loop finds what it should is the same in every runtime; it takes Bun 25 s of CPU time. */
describe.skipIf(!isWhole)("a decoder that is broken on purpose is caught when it", () => {
  /** Only some inputs do it, or to look for one would be no test. */
  const isChosen = (payload: Uint8Array) => payload.length % 8 === 3;

  function find(faulty: (payload: Uint8Array) => unknown, limits = GENEROUS): Found {
    const targets = [valueTarget((payload) => (isChosen(payload) ? faulty(payload) : decode(payload)))];
    const [first] = fuzz({ seed: SEED, seconds: LONG_SECONDS, targets, limits, most: 1 }).found;
    return first as Found;
  }

  test.each<[string, (payload: Uint8Array) => unknown, string]>([
    [
      "throws what is not documented",
      () => (undefined as never as { length: number }).length,
      "it threw TypeError",
    ],
    [
      "changes a prototype",
      () => void Object.assign(Object.prototype, { polluted: true }),
      "a prototype of the language was changed",
    ],
    [
      "gives an object a prototype of the sender's making",
      () => ({ inner: [Object.setPrototypeOf({}, { polluted: true })] }),
      "an object has a prototype of the sender's making",
    ],
  ])("%s", (_, faulty, what) => {
    const { input, what: told } = find(faulty);
    expect(told).toContain(what);
    expect(isChosen(input)).toBe(true);
    expect(input.length).toBeLessThan(16); // the smallest is 3
  });

  test("takes too long", () => {
    const faulty = () => {
      for (const end = performance.now() + 60; performance.now() < end; );
    };
    expect(find(faulty, { ...GENEROUS, ms: 50 }).what).toMatch(/^it took \d+ ms$/);
  });

  test("takes too much memory", () => {
    const faulty = () => new Uint8Array(2 ** 27).fill(1);
    expect(find(faulty, { ...GENEROUS, bytes: 2 ** 26 }).what).toMatch(/^it took \d+ MiB$/);
  });
});

test.skipIf(!isWhole)("a frame reader that goes on after an error is caught", () => {
  const forgetful = readerTarget((maxBytes, onFrame) => {
    let reader = new FrameReader(maxBytes, onFrame);
    return {
      push: (chunk) => {
        try {
          reader.push(chunk);
        } catch (error) {
          reader = new FrameReader(maxBytes, onFrame);
          throw error;
        }
      },
    };
  });
  const { found } = fuzz({
    seed: SEED,
    seconds: LONG_SECONDS,
    targets: [forgetful],
    limits: GENEROUS,
    most: 1,
  });
  expect(found[0]?.what).toBe("a frame came after the error");
});

test("the same seed gives the same inputs", () => {
  const inputs = () => {
    const seen: string[] = [];
    const target = { name: "value", run: (input: Uint8Array) => void seen.push(toHex(input)) };
    const targets = [target, { ...target, name: "connection" }];
    // However few of them a busy machine tries in that time.
    for (let from = 0; from < 32; ) {
      from += fuzz({ seed: SEED, seconds: 0.1, from, targets, limits: GENEROUS }).inputs;
    }
    return seen.slice(0, 32);
  };
  const first = inputs();
  expect(first).toHaveLength(32);
  expect(inputs().join() === first.join()).toBe(true); // as a difference they would fill pages
  expect(new Set(first).size).toBeGreaterThan(16);
});

test("what broke something is told as small as it can be, in hexadecimal", () => {
  const input = Uint8Array.from({ length: 200 }, (_, i) => i);
  const small = smallest(input, (bytes) => bytes.includes(7) && bytes.includes(170));
  expect(toHex(small)).toBe("07aa");
  expect(fromHex("07aa")).toEqual(small);
});

test("all targets are looked at", () => {
  expect(new Set(ALL_TARGETS().map(({ name }) => name))).toEqual(new Set(["value", "connection", "reader"]));
});
