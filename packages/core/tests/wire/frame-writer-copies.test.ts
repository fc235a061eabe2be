/** What a writer says of the bytes that have not left, and who gets a copy of all that goes to the channel. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { FrameType, HEADER_BYTES } from "../../src/wire/frame.ts";
import { FrameWriter } from "../../src/wire/frame-writer.ts";
import { encode } from "../../src/wire/value.ts";
import { join, RecordingChannel } from "../support/channel.ts";
import { settled } from "../support/fake-clock.ts";

function setUp() {
  const channel = new RecordingChannel();
  const writer = new FrameWriter(channel);
  const copies: Uint8Array[] = [];
  const copyist = {
    append: (bytes: Uint8Array, start: number, end: number) => void copies.push(bytes.slice(start, end)),
  };
  return { channel, writer, copyist, copied: () => join(copies) };
}

describe("who copies", () => {
  test("has each byte as soon as it is written, before it has left", () => {
    const { channel, writer, copyist, copied } = setUp();
    writer.copyist = copyist;
    writer.write(FrameType.Result, 1, encode("a", "value"));
    expect([channel.writes.length, copied().length > HEADER_BYTES]).toEqual([0, true]);
    writer.flush();
    expect(copied()).toEqual(channel.bytes);
  });

  test("has nothing of what was written before it came", () => {
    const { channel, writer, copyist, copied } = setUp();
    writer.writeText(FrameType.Hello, "{}");
    writer.copyist = copyist;
    writer.write(FrameType.Leave, 0);
    writer.flush();
    expect(copied()).toEqual(channel.bytes.subarray(-HEADER_BYTES));
  });

  test("has the very bytes of the channel in their order, whatever is written and however it is flushed", async () => {
    const value = fc.oneof(
      fc.string({ maxLength: 200 }),
      fc.integer({ min: 0, max: 90_000 }).map((length) => "é".repeat(length)),
      fc.integer({ min: 0, max: 90_000 }).map((length) => new Uint8Array(length).fill(length)),
      fc
        .integer({ min: 0, max: 40_000 })
        .map((length) => [new Uint8Array(length), new Uint8Array(7), "x".repeat(length)]),
    );
    const step = fc.record({ value, isFlushed: fc.boolean(), isTurned: fc.boolean() });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 12 }), async (steps) => {
        const { channel, writer, copyist, copied } = setUp();
        writer.copyist = copyist;
        for (const { value, isFlushed, isTurned } of steps) {
          writer.write(FrameType.Result, 1, encode(value, "value"), [1, 2, 3, 4]);
          if (isFlushed) writer.flush();
          if (isTurned) await settled();
        }
        writer.flush();
        expect(Buffer.compare(copied(), channel.bytes)).toBe(0);
      }),
      { numRuns: 60 },
    );
  });
});

describe("what has not left", () => {
  test("is what the writer holds and what the channel does", () => {
    const { channel, writer } = setUp();
    expect(writer.unsent).toBe(0);
    writer.write(FrameType.Leave, 0);
    expect(writer.unsent).toBe(HEADER_BYTES);
    channel.isFull = true;
    writer.flush();
    writer.write(FrameType.Leave, 0);
    expect([channel.unsent, writer.unsent]).toEqual([HEADER_BYTES, 2 * HEADER_BYTES]);
    writer.flush();
    channel.take();
    expect(writer.unsent).toBe(0);
  });

  test("is waited for with all that is written by then, which is sent for it", () => {
    const { channel, writer } = setUp();
    channel.isFull = true;
    let calls = 0;
    writer.write(FrameType.Leave, 0);
    writer.whenSent(() => calls++);
    expect([channel.writes.length, calls]).toEqual([1, 0]);
    channel.take();
    channel.take();
    expect(calls).toBe(1);
  });
});
