import { beforeEach, describe, expect, test, vi } from "vitest";
import { collectionProbe, leaveGarbageUntil } from "../../src/testing/garbage.ts";

const KIB = 1024;
const MIB = KIB * KIB;

/** What is kept belongs to the module: a new one for each test. */
let letGo: (copy: Uint8Array) => void;
let snapshot: (bytes: Uint8Array) => Uint8Array;
let installClock: (clock: () => number) => void;
beforeEach(async () => {
  vi.resetModules();
  ({ letGo, snapshot } = await import("../../src/wire/snapshot.ts"));
  ({ installClock } = await import("../../src/wire/wire-clock.ts"));
});

/** Until the collector has come, and what listens to it has been told. */
async function collect(): Promise<void> {
  await leaveGarbageUntil(collectionProbe(), "the collector");
  await new Promise((resolve) => setTimeout(resolve, 20));
}

describe("a snapshot", () => {
  test("has the bytes as they were, and none of its source's memory", () => {
    const source = Uint8Array.of(1, 2, 3, 4).subarray(1, 3);
    const copy = snapshot(source);
    source[0] = 9;
    expect([...copy]).toEqual([2, 3]);
    expect(copy.buffer.byteLength).toBe(2);
  });

  test("takes the memory of one that was let go, with its own bytes in it", () => {
    const bytes = 100 * KIB;
    const first = snapshot(new Uint8Array(bytes).fill(1));
    letGo(first);
    const second = snapshot(new Uint8Array(bytes).fill(2));
    expect(second).toBe(first);
    expect(second.every((byte) => byte === 2)).toBe(true);
  });

  test("takes no memory that somebody has: not of one in use, nor the same twice", () => {
    const bytes = 100 * KIB;
    const first = snapshot(new Uint8Array(bytes));
    const second = snapshot(new Uint8Array(bytes));
    letGo(first);
    const copies = [1, 2, 3].map(() => snapshot(new Uint8Array(bytes)));
    expect(new Set([first, second, ...copies]).size).toBe(4); // one of them is `first`
  });

  test.each([
    ["of another length", 100 * KIB, 101 * KIB],
    ["of a small one, for which the allocator has memory at hand", KIB, KIB],
  ])("takes no memory %s", (_, one, other) => {
    const copy = snapshot(new Uint8Array(one));
    letGo(copy);
    expect(snapshot(new Uint8Array(other))).not.toBe(copy);
  });
});

describe("what was let go", () => {
  test("is kept up to 128 MiB, the last above all", () => {
    const large = [60 * MIB, 60 * MIB + 1, 60 * MIB + 2].map((bytes) => new Uint8Array(bytes));
    for (const copy of large) letGo(copy);
    const again = large.map((copy) => snapshot(copy) === copy);
    expect(again).toEqual([false, true, true]);
  });

  test("is kept up to 64 of it, the last above all", () => {
    const many = Array.from({ length: 70 }, () => new Uint8Array(100 * KIB));
    for (const copy of many) letGo(copy);
    const copies = new Set(many.map((copy) => snapshot(copy)));
    expect(many.filter((copy) => copies.has(copy))).toEqual(many.slice(6));
  });

  test("outlives a collection within a second, and not one after it", async () => {
    const kept = () => {
      const copy = snapshot(new Uint8Array(bytes).fill(5));
      const isOld = copy === old.deref();
      letGo(copy);
      return isOld;
    };
    const bytes = 100 * KIB;
    let now = 0;
    installClock(() => now);
    const old = new WeakRef(new Uint8Array(bytes));
    letGo(old.deref() as Uint8Array);
    await collect();
    expect(kept()).toBe(true);
    now += 1_001;
    await collect();
    expect(kept()).toBe(false);
  });
});
