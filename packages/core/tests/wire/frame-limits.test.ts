import { describe, expect, test } from "vitest";
import { ProtocolError } from "../../src/errors.ts";
import { FrameType, MAX_FRAME_BYTES } from "../../src/wire/frame.ts";
import { FROM_HOST, FROM_WORKER, type FrameLimits } from "../../src/wire/frame-limits.ts";
import { FrameReader } from "../../src/wire/frame-reader.ts";

type Name = keyof typeof FrameType;

/** A header, and what may follow. */
function begun(type: Name, bytes: number): Uint8Array {
  const header = new Uint8Array(9);
  new DataView(header.buffer).setUint32(0, bytes + 5);
  header[4] = FrameType[type];
  return header;
}

function read(limits: FrameLimits, ...chunks: readonly Uint8Array[]): number[] {
  const types: number[] = [];
  const reader = new FrameReader(MAX_FRAME_BYTES, (type) => types.push(type), limits);
  for (const chunk of chunks) reader.push(chunk);
  return types;
}

const BOUNDED: readonly [Name, number, FrameLimits][] = [
  ["Ready", 4 * 2 ** 20, FROM_WORKER],
  ["PullInput", 5, FROM_WORKER],
  ["InputStop", 1, FROM_WORKER],
  ["Pong", 0, FROM_WORKER],
  ["Dying", 2 ** 16, FROM_WORKER],
  ["Hearing", 1, FROM_WORKER],
  ["Taken", 0, FROM_WORKER],
  ["Leave", 0, FROM_HOST],
  ["Pull", 4, FROM_HOST],
  ["InputEnd", 1, FROM_HOST],
  ["Ping", 0, FROM_HOST],
  ["Taken", 0, FROM_HOST],
];

describe.each(BOUNDED)("a %s of more than %i bytes", (type, most, limits) => {
  test.each([most + 1, 2 ** 26, MAX_FRAME_BYTES - 5])("is refused with its header: %i", (bytes) => {
    const header = begun(type, bytes);
    const expected = `Expected a ${type} to have at most ${most} bytes, received ${bytes}`;
    expect(() => read(limits, header)).toThrow(new ProtocolError(expected));
    expect(() => read(limits, header.subarray(0, 5), header.subarray(5))).toThrow(expected);
    expect(() => read(limits, header.subarray(0, 8))).not.toThrow();
  });

  test("is none where it has just so many", () => {
    const whole = new Uint8Array(9 + most);
    whole.set(begun(type, most));
    expect(read(limits, whole)).toEqual([FrameType[type]]);
    expect(read(limits, whole.subarray(0, 9), whole.subarray(9))).toEqual([FrameType[type]]);
  });
});

test.each<[Name, FrameLimits]>([
  ["Call", FROM_WORKER],
  ["Ping", FROM_WORKER],
  ["Hello", FROM_WORKER],
  ["Result", FROM_HOST],
  ["Pong", FROM_HOST],
  ["Hearing", FROM_HOST],
])("the bytes of a %s that comes from the wrong side are not waited for", (type, limits) => {
  expect(() => read(limits, begun(type, 1))).toThrow(`Expected no ${type} from this side`);
});

test("each type has a limit on its way", () => {
  const names = Object.keys(FrameType) as Name[];
  const without = names.filter(
    (name) => (FROM_HOST[FrameType[name]] ?? FROM_WORKER[FrameType[name]]) === undefined,
  );
  expect(without).toEqual(["Hello"]); // the acceptor reads it, with a limit of its own
});

test("what holds a value may be as long as a frame", () => {
  expect(read(FROM_WORKER, begun("Result", MAX_FRAME_BYTES - 5))).toEqual([]);
  expect(read(FROM_HOST, begun("Call", MAX_FRAME_BYTES - 5))).toEqual([]);
});
