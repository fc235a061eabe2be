/** Both ends of a lane in one process, on memory that the fake kernel gives. */
import fc from "fast-check";
import { beforeEach, describe, expect, test } from "vitest";
import { installMemory } from "../../src/memory/process-memory.ts";
import type { Handle } from "../../src/memory/segment.ts";
import { SharedMemory } from "../../src/memory/shared-memory.ts";
import { LaneIn, type LaneMemory, LaneOut } from "../../src/wire/lane.ts";
import { LANE_BYTES, Places } from "../../src/wire/places.ts";
import { type FakeMemory, fakeMemory } from "../support/fake-memory.ts";

const MIB = 2 ** 20;
const filled = (length: number, byte: number) => new Uint8Array(length).fill(byte);
const u32 = (number: number) => [number >>> 24, (number >>> 16) & 255, (number >>> 8) & 255, number & 255];
const laid = (start: number, length: number) => Uint8Array.from([...u32(start), ...u32(length)]);
const toJson = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));

let kernel: FakeMemory;

beforeEach(() => {
  Reflect.deleteProperty(globalThis, Symbol.for("reapool.shared-memory"));
  kernel = fakeMemory();
  installMemory(() => kernel);
});

/** Both ends see the same bytes, which the fake kernel can't do. */
function shared(): LaneMemory {
  let memory = new ArrayBuffer(0);
  return {
    createHidden: (bytes) => {
      memory = new ArrayBuffer(bytes);
      return { memory, handle: { id: "0".repeat(32), bytes, pid: 1, descriptor: 3 } };
    },
    receiveHidden: () => memory,
    closeDescriptor: () => {},
    release: () => {},
  };
}

function offered(memory?: LaneMemory) {
  const offers: Handle[] = [];
  const out = new LaneOut((handle) => offers.push(handle), memory);
  expect(out.lay(new Uint8Array(MIB))).toBeUndefined();
  expect(out.lay(new Uint8Array(1))).toBeUndefined();
  return { out, offers, handle: offers[0] as Handle };
}

function opened(memory: LaneMemory = shared()) {
  const { out, handle } = offered(memory);
  const into = new LaneIn(memory);
  expect(into.open(toJson(handle))).toBe(true);
  out.onLaneTaken(true);
  return { out, into };
}

describe("a lane", () => {
  test("is offered once, when more than a megabyte has gone through the channel", () => {
    const offers: Handle[] = [];
    const out = new LaneOut((handle) => offers.push(handle));
    out.lay(new Uint8Array(MIB / 2));
    out.lay(new Uint8Array(MIB / 2));
    expect(offers).toEqual([]);
    for (let i = 0; i < 4; i++) expect(out.lay(new Uint8Array(100))).toBeUndefined();
    expect(offers).toHaveLength(1);
    out.onLaneTaken(true);
    expect(out.lay(filled(100, 1))).toBe(0);
  });

  test("is not offered in a thread, nor accepted", () => {
    const { handle } = offered();
    Reflect.deleteProperty(globalThis, Symbol.for("reapool.shared-memory"));
    installMemory(() => ({ ...kernel, isFreedAtEnd: false }));
    expect(offered().offers).toEqual([]);
    expect(new LaneIn().open(toJson(handle))).toBe(false);
  });

  test("is never what an application has, whatever the other side names", () => {
    const memory = new SharedMemory();
    memory.openWith(() => kernel);
    Reflect.set(globalThis, Symbol.for("reapool.shared-memory"), memory);
    const buffer = memory.create(4096 + LANE_BYTES);
    const handle = memory.handleOf(buffer) as Handle;
    const into = new LaneIn();
    expect(into.open(toJson(handle))).toBe(false);
    into.close();
    expect(memory.handleOf(buffer)).toEqual(handle);
    expect([...kernel.mappings.values()]).not.toContain("blank");
  });

  test("is not offered where memory can't be shared, nor asked for again", () => {
    kernel.failing.add("memfdCreate");
    const { out, offers } = offered();
    expect(offers).toEqual([]);
    kernel.failing.clear();
    out.lay(new Uint8Array(2 * MIB));
    expect(offers).toEqual([]);
    expect(() => out.onLaneTaken(true)).toThrow(expect.objectContaining({ code: "ERR_PROTOCOL" }));
  });

  test("that the other side can't map is let go, and all goes through the channel", () => {
    const { out } = offered();
    out.onLaneTaken(false);
    expect([...kernel.mappings.values()]).toEqual(["blank"]);
    expect(kernel.descriptors.size).toBe(0);
    expect(out.lay(new Uint8Array(100))).toBeUndefined();
  });

  test("needs no descriptor once both sides have mapped it, and no memory once both have ended", () => {
    const { out, handle } = offered();
    const into = new LaneIn();
    into.open(toJson(handle));
    out.onLaneTaken(true);
    expect(kernel.descriptors.size).toBe(0);
    out.close();
    into.close();
    expect([...kernel.mappings.values()].every((mapping) => mapping === "blank")).toBe(true);
    expect(() => into.take(laid(0, 1))).toThrow(expect.objectContaining({ code: "ERR_PROTOCOL" }));
    expect(out.lay(new Uint8Array(1))).toBeUndefined();
  });

  test("holds what is there until its value is complete", () => {
    const { out, into } = opened();
    expect(out.lay(filled(3 * MIB, 1))).toBe(0);
    expect(out.lay(filled(2 * MIB, 2))).toBeUndefined();
    into.take(laid(0, 3 * MIB));
    expect(out.lay(filled(2 * MIB, 2))).toBeUndefined();
    into.endValue();
    expect(out.lay(filled(2 * MIB, 2))).toBe(0);
  });

  test("takes nothing that is larger than it", () => {
    const { out } = opened();
    expect(out.lay(new Uint8Array(LANE_BYTES + 1))).toBeUndefined();
    expect(out.lay(new Uint8Array(LANE_BYTES))).toBe(0);
  });

  test("is given up when the other side says it took more than was laid", () => {
    const { out, into } = opened();
    out.lay(filled(10, 1));
    for (let i = 0; i < 2; i++) into.take(laid(0, 10));
    into.endValue();
    expect(out.lay(filled(10, 1))).toBeUndefined();
    expect(out.lay(filled(10, 1))).toBeUndefined();
  });
});

describe("places", () => {
  test("never overlap, and there is room where nothing is taken", () => {
    const step = fc.oneof(
      fc.record({ takes: fc.integer({ min: 1, max: LANE_BYTES }) }),
      fc.record({ takes: fc.integer({ min: 1, max: LANE_BYTES / 16 }) }),
      fc.record({ frees: fc.integer({ min: 1, max: 4 }) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
        const places = new Places();
        const taken: { readonly start: number; readonly end: number }[] = [];
        for (const one of steps) {
          if ("frees" in one) {
            const count = Math.min(one.frees, taken.length);
            expect(places.free(count)).toBe(true);
            taken.splice(0, count);
            continue;
          }
          const start = places.take(one.takes);
          if (start === undefined) expect(taken.length).toBeGreaterThan(0);
          else {
            const end = start + one.takes;
            expect(start >= 0 && end <= LANE_BYTES).toBe(true);
            expect(taken.every((other) => end <= other.start || other.end <= start)).toBe(true);
            taken.push({ start, end });
          }
        }
      }),
    );
  });

  test("are taken from the beginning again when all are free, and no more are freed than were taken", () => {
    const places = new Places();
    expect([places.take(100), places.take(LANE_BYTES), places.take(50)]).toEqual([0, undefined, 100]);
    expect(places.free(2)).toBe(true);
    expect(places.take(7)).toBe(0);
    expect(places.free(2)).toBe(false);
  });
});

describe("a receiver does not believe", () => {
  const handle = { id: "0".repeat(32), bytes: 4096 + LANE_BYTES, pid: 1, descriptor: 3 };

  test.each([
    ["an offset beyond the lane", laid(LANE_BYTES, 1)],
    ["an end beyond the lane", laid(LANE_BYTES - 9, 10)],
    ["numbers that overflow", laid(2 ** 32 - 1, 2 ** 32 - 1)],
    ["a length of nothing", laid(0, 0)],
    ["half a Laid", laid(0, 1).subarray(4)],
    ["no Laid", new Uint8Array(0)],
  ])("%s", (_, payload) => {
    const { into } = opened();
    expect(() => into.take(payload)).toThrow(expect.objectContaining({ code: "ERR_PROTOCOL" }));
  });

  test("buffers of one value that could not lie there together", () => {
    const { into } = opened();
    into.take(laid(0, LANE_BYTES));
    expect(() => into.take(laid(0, 1))).toThrow(expect.objectContaining({ code: "ERR_PROTOCOL" }));
  });

  test.each([
    ["nothing", ""],
    ["no JSON", "{"],
    ["null", "null"],
    ["a list", "[]"],
    ["a polluted handle", JSON.stringify({ __proto__: handle })],
    ["another size", JSON.stringify({ ...handle, bytes: 4096 })],
    ["an id that is a path", JSON.stringify({ ...handle, id: `/${"0".repeat(31)}` })],
    ["a negative descriptor", JSON.stringify({ ...handle, descriptor: -1 })],
  ])("a Lane with %s", (_, text) => {
    const into = new LaneIn();
    expect(() => into.open(new TextEncoder().encode(text))).toThrow(
      expect.objectContaining({ code: "ERR_PROTOCOL" }),
    );
  });

  test("a second Lane", () => {
    const into = new LaneIn();
    expect(into.open(toJson(handle))).toBe(false);
    expect(() => into.open(toJson(handle))).toThrow(expect.objectContaining({ code: "ERR_PROTOCOL" }));
  });
});
