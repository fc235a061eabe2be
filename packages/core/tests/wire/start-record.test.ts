import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { NOTHING_STARTED, readStartRecord, startRecordOf } from "../../src/wire/start-record.ts";

describe("the start record", () => {
  test("gives back the number of the task that was started last", () => {
    fc.assert(
      fc.property(fc.nat(0xffffffff), (sequence) => {
        expect(readStartRecord(startRecordOf(sequence))).toBe(sequence);
      }),
    );
  });

  test("is big-endian, for workers in other languages", () => {
    expect(readStartRecord(Uint8Array.of(0, 0, 1, 2))).toBe(258);
  });

  test("that is fresh says that nothing was started", () => {
    expect(startRecordOf(NOTHING_STARTED)).toEqual(Uint8Array.of(0, 0, 0, 0));
  });

  test.each<[string, Uint8Array | undefined]>([
    ["is missing", undefined],
    ["is empty", new Uint8Array(0)],
    ["is cut off", new Uint8Array(3)],
    ["is too long", new Uint8Array(5)],
  ])("that %s counts every task as started, so that none is run twice", (_, record) => {
    const last = readStartRecord(record);
    for (const sequence of [1, 0xffffffff]) expect(sequence <= last).toBe(true);
  });
});
