import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { FrameType, HEADER_BYTES } from "../../src/wire/frame.ts";
import { FrameReader } from "../../src/wire/frame-reader.ts";
import { FrameWriter } from "../../src/wire/frame-writer.ts";
import {
  bytesOfUint16,
  bytesOfUint32,
  readUint16,
  readUint32,
  writeUint32,
} from "../../src/wire/integers.ts";
import { decode, type EncodedValue, encode } from "../../src/wire/value.ts";
import { RecordingChannel } from "../support/channel.ts";
import { runs } from "../support/effort.ts";
import { settled } from "../support/fake-clock.ts";
import { attachedBuffers, readFrames, readWithBuffers } from "../support/frames.ts";
import { difference } from "../support/sameness.ts";
import { JSON_KIND } from "../support/transfer.ts";

/** All microtasks there are, those that they start included. */
const endOfTick = (): Promise<void> => settled();
const MAX = 2 ** 30;

function setUp(): { channel: RecordingChannel; writer: FrameWriter } {
  const channel = new RecordingChannel();
  return { channel, writer: new FrameWriter(channel) };
}

/** As JSON, which a value's long text is not when it has little else. */
function textOf(length: number, letter = "a"): EncodedValue {
  return {
    kind: JSON_KIND,
    text: JSON.stringify(letter.repeat(length)),
    attachments: undefined,
    shared: undefined,
  };
}

describe("a frame", () => {
  test.each<[string, (writer: FrameWriter) => void, number[]]>([
    ["without a payload", (writer) => writer.write(FrameType.Leave, 0), [0, 0, 0, 5, 4, 0, 0, 0, 0]],
    [
      "with a value",
      (writer) => writer.write(FrameType.Result, 0x01020304, encode([1], "value")),
      [0, 0, 0, 13, 19, 1, 2, 3, 4, 1, 0, 0, 0, 3, 0x5b, 0x31, 0x5d],
    ],
    [
      "with undefined",
      (writer) => writer.write(FrameType.Result, 1, encode(undefined, "value")),
      [0, 0, 0, 10, 19, 0, 0, 0, 1, 0, 0, 0, 0, 0],
    ],
    [
      "with a call",
      (writer) => writer.write(FrameType.Call, 0xffffffff, encode([], "value"), [255, 254, 0, 0]),
      [0, 0, 0, 16, 2, 255, 255, 255, 255, 255, 254, 0, 0, 1, 0, 0, 0, 2, 0x5b, 0x5d],
    ],
    [
      "with a call whose second and fourth argument are iterables",
      (writer) => writer.write(FrameType.Call, 1, encode([], "value"), [0, 7, 4, 2, 1, 3]),
      [0, 0, 0, 18, 2, 0, 0, 0, 1, 0, 7, 4, 2, 1, 3, 1, 0, 0, 0, 2, 0x5b, 0x5d],
    ],
    [
      "with a prefix and no value",
      (writer) => writer.write(FrameType.PullInput, 2, undefined, [1, 0, 0, 0, 16]),
      [0, 0, 0, 10, 24, 0, 0, 0, 2, 1, 0, 0, 0, 16],
    ],
    [
      "with text",
      (writer) => writer.writeText(FrameType.Hello, "é"),
      [0, 0, 0, 7, 16, 0, 0, 0, 0, 0xc3, 0xa9],
    ],
  ])("%s has the bytes that docs/protocol.md gives", (_, write, bytes) => {
    const { channel, writer } = setUp();
    write(writer);
    writer.flush();
    expect([...channel.bytes]).toEqual(bytes);
  });

  test("with buffers carries them behind the text, one after the other", () => {
    const { channel, writer } = setUp();
    const value = [Uint8Array.of(7, 8), Uint8Array.of(9)];
    writer.write(FrameType.Call, 3, encode(value, "value"), [0, 1, 0, 0]);
    writer.flush();
    const { bytes } = channel;
    expect([...bytes.subarray(-3)]).toEqual([7, 8, 9]);
    const [frame, ...more] = readFrames([bytes]);
    expect(more).toEqual([]);
    expect([...bytes.subarray(HEADER_BYTES, HEADER_BYTES + 4)]).toEqual([0, 1, 0, 0]);
    expect(difference(decode((frame as { payload: Uint8Array }).payload.subarray(4)), value)).toBeUndefined();
  });
});

describe("frames of one tick", () => {
  test("leave in one write, at its end", async () => {
    const { channel, writer } = setUp();
    for (let task = 1; task <= 500; task++) writer.write(FrameType.Result, task, encode({ task }, "value"));
    expect(channel.writes).toHaveLength(0);
    await endOfTick();
    expect(channel.writes).toHaveLength(1);
    expect(readFrames(channel.writes).map(({ task }) => task)).toEqual(
      Array.from({ length: 500 }, (_, i) => i + 1),
    );
  });

  test("and of the next leave in one write each", async () => {
    const { channel, writer } = setUp();
    for (let tick = 1; tick <= 5; tick++) {
      writer.write(FrameType.Leave, 0);
      writer.write(FrameType.Leave, 0);
      await endOfTick();
      expect(channel.writes).toHaveLength(tick);
    }
  });

  test("leave at once on a flush, and only once", async () => {
    const { channel, writer } = setUp();
    writer.write(FrameType.Leave, 0);
    writer.flush();
    expect(channel.writes).toHaveLength(1);
    writer.flush();
    await endOfTick();
    expect(channel.writes).toHaveLength(1);
  });

  test("leave at the end of the tick also when written after a flush", async () => {
    const { channel, writer } = setUp();
    writer.write(FrameType.Leave, 0);
    writer.flush();
    writer.write(FrameType.Leave, 0);
    await endOfTick();
    expect(channel.writes).toHaveLength(2);
    expect(readFrames(channel.writes)).toHaveLength(2);
  });

  test("leave in as few writes as they fill buffers, when they are more than one buffer holds", async () => {
    const { channel, writer } = setUp();
    for (let task = 1; task <= 20_000; task++) writer.write(FrameType.Result, task, encode([task], "value"));
    await endOfTick();
    expect(channel.writes.length).toBeLessThanOrEqual(Math.ceil(channel.bytes.length / (60 * 1024)));
    expect(readFrames(channel.writes)).toHaveLength(20_000);
  });
});

test("an idle writer writes nothing", async () => {
  const { channel, writer } = setUp();
  writer.flush();
  await endOfTick();
  expect(channel.writes).toHaveLength(0);
});

test("bytes that were handed to the channel are never written over", async () => {
  const { channel, writer } = setUp();
  for (let task = 1; task <= 5_000; task++) {
    writer.write(FrameType.Result, task, encode({ task, text: "x".repeat(task % 100) }, "value"));
    if (task % 7 === 0) writer.flush();
    if (task % 1_000 === 0) writer.write(FrameType.Result, task, encode(new Uint8Array(100), "value"));
    if (task % 50 === 0) await endOfTick();
  }
  await endOfTick();
  expect(channel.writes.length).toBeGreaterThan(700);
  for (const [i, bytes] of channel.writes.entries()) {
    if (bytes.some((byte, at) => byte !== channel.snapshots[i]?.[at])) expect.fail(`write ${i} has changed`);
  }
});

describe("a large value", () => {
  test.each([
    ["letters", "a", 1],
    ["accents", "é", 2],
    ["signs", "€", 3],
  ])("of %s crosses whole at every length around the size of the buffer", (_, letter, bytesPerLetter) => {
    for (const limit of [64 * 1024, (64 * 1024) / bytesPerLetter, (64 * 1024) / 3]) {
      for (let length = Math.floor(limit) - 15; length < limit + 3; length++) {
        const { channel, writer } = setUp();
        writer.write(FrameType.Leave, 0);
        writer.write(FrameType.Call, 9, textOf(length, letter), [0, 2, 0, 1, 0]);
        writer.write(FrameType.Leave, 0);
        writer.flush();
        const [before, call, after, ...more] = readFrames(channel.writes, MAX);
        expect([before?.type, call?.type, call?.task, after?.type, more]).toEqual([4, 2, 9, 4, []]);
        const { payload } = call as { payload: Uint8Array };
        expect([...payload.subarray(0, 5)]).toEqual([0, 2, 0, 1, 0]);
        const text = decode(payload.subarray(5)) as string;
        expect(text.length).toBe(length);
        expect(text === letter.repeat(length)).toBe(true);
      }
    }
  });

  test("of megabytes crosses whole", () => {
    const { channel, writer } = setUp();
    const value = { text: "a€😀".repeat(300_000), zero: -0, rest: ["é".repeat(30_000)] };
    writer.write(FrameType.Result, 1, encode(value, "value"));
    writer.flush();
    const [frame] = readWithBuffers(channel.writes, MAX);
    const received = decode((frame as { payload: Uint8Array }).payload, 0, frame?.attached);
    expect(difference(received, value)).toBeUndefined();
  });

  test("keeps its place between small ones", async () => {
    const { channel, writer } = setUp();
    writer.write(FrameType.Result, 1, encode(1, "value"));
    writer.write(FrameType.Result, 2, textOf(300_000));
    writer.write(FrameType.Result, 3, encode(3, "value"));
    writer.write(FrameType.Result, 4, encode(new Uint8Array(10), "value"));
    writer.write(FrameType.Result, 5, encode(5, "value"));
    await endOfTick();
    expect(readFrames(channel.writes, MAX).map(({ task }) => task)).toEqual([1, 2, 3, 4, 5]);
  });

  test("has its buffers written as they are, without another copy", () => {
    const { channel, writer } = setUp();
    const value = encode([new Uint8Array(1_000_000), new Uint8Array(0), Uint8Array.of(1)], "value");
    writer.write(FrameType.Result, 1, value);
    const large = value.attachments?.filter((bytes) => bytes.length > 0) ?? [];
    expect(large).toHaveLength(2);
    for (const bytes of large) expect(channel.writes.includes(bytes)).toBe(true);
    expect(channel.writes.every((bytes) => bytes.length > 0)).toBe(true);
  });

  test("as a handshake text larger than the buffer crosses whole", async () => {
    const { channel, writer } = setUp();
    const exports = Array.from({ length: 65_535 }, (_, i) => `task${i}`);
    writer.writeText(FrameType.Ready, JSON.stringify({ exports }));
    writer.write(FrameType.Result, 1);
    await endOfTick();
    const [ready, result] = readFrames(channel.writes, MAX);
    expect(JSON.parse(new TextDecoder().decode(ready?.payload))).toEqual({ exports });
    expect(result?.task).toBe(1);
  });
});

test("any frames in any ticks are read back as they were written", async () => {
  const value = fc.oneof(
    fc.jsonValue(),
    fc.uint8Array({ maxLength: 200 }),
    fc.constant(undefined),
    fc.nat(150_000).map((length) => "é".repeat(length)),
  );
  const frame = fc.record({
    kind: fc.constantFrom("call", "value", "text", "empty"),
    task: fc.nat(0xffffffff),
    index: fc.nat(0xffff),
    positions: fc.array(fc.nat(255), { maxLength: 5 }),
    value,
    next: fc.constantFrom("flush", "tick", "go on", "go on"),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(frame, { maxLength: 30 }), async (frames) => {
      const { channel, writer } = setUp();
      const prefixOf = ({ index, positions }: (typeof frames)[number]) => [
        ...bytesOfUint16(index),
        0,
        positions.length,
        ...positions,
      ];
      for (const one of frames) {
        const { kind, task, value, next } = one;
        if (kind === "call") writer.write(FrameType.Call, task, encode(value, "value"), prefixOf(one));
        else if (kind === "value") writer.write(FrameType.Result, task, encode(value, "value"));
        else if (kind === "text") writer.writeText(FrameType.Hello, JSON.stringify({ value }));
        else writer.write(FrameType.Leave, task);
        if (next === "flush") writer.flush();
        if (next === "tick") await endOfTick();
      }
      writer.flush();
      let read = 0;
      const attached = attachedBuffers();
      const reader = new FrameReader(MAX, (type, task, payload, isOwn) => {
        if (attached.onFrame(type, payload, isOwn)) return;
        const expected = frames[read++] as (typeof frames)[number];
        const text = expected.kind === "text";
        expect([type, task]).toEqual([
          { call: 2, value: 19, text: 16, empty: 4 }[expected.kind],
          text ? 0 : expected.task,
        ]);
        if (text) expect(new TextDecoder().decode(payload)).toBe(JSON.stringify({ value: expected.value }));
        const prefix = expected.kind === "call" ? prefixOf(expected) : [];
        expect([...payload.subarray(0, prefix.length)]).toEqual(prefix);
        if (expected.kind === "call" || expected.kind === "value") {
          const received = decode(payload.subarray(prefix.length), 0, attached.take());
          expect(difference(received, expected.value)).toBeUndefined();
        }
      });
      for (const bytes of channel.writes) reader.push(bytes);
      expect(read).toBe(frames.length);
    }),
    { numRuns: runs(60) },
  );
});

test("numbers of two and four bytes are read back from their bytes, big-endian", () => {
  expect(bytesOfUint16(0xfedc)).toEqual([0xfe, 0xdc]);
  expect(bytesOfUint32(0xfedcba98)).toEqual([0xfe, 0xdc, 0xba, 0x98]);
  fc.assert(
    fc.property(fc.nat(0xffff), fc.nat(0xffffffff), (two, four) => {
      const bytes = Uint8Array.from([9, ...bytesOfUint16(two), ...bytesOfUint32(four), 9]);
      expect(bytes).toHaveLength(8);
      expect([readUint16(bytes, 1), readUint32(bytes, 3)]).toEqual([two, four]);
    }),
  );
});

test("a number of four bytes is written big-endian", () => {
  const bytes = new Uint8Array(6);
  writeUint32(bytes, 1, 0xfedcba98);
  expect([...bytes]).toEqual([0, 0xfe, 0xdc, 0xba, 0x98, 0]);
});
