import { describe, expect, test } from "vitest";
import { ProtocolError } from "../../src/errors.ts";
import { FrameType } from "../../src/wire/frame.ts";
import { FrameReader } from "../../src/wire/frame-reader.ts";
import { FrameWriter } from "../../src/wire/frame-writer.ts";
import { letGo, snapshot } from "../../src/wire/snapshot.ts";
import { decode, encode } from "../../src/wire/value.ts";
import { RecordingChannel } from "../support/channel.ts";
import { attachedBuffers, cut } from "../support/frames.ts";
import { difference } from "../support/sameness.ts";

const filled = (length: number) => Uint8Array.from({ length }, (_, i) => i * 7);

/** The value of the one frame, and how many Bytes came before it. */
function send(value: unknown, places: readonly number[]): { value: unknown; buffers: number } {
  const channel = new RecordingChannel();
  const writer = new FrameWriter(channel);
  writer.write(FrameType.Item, 1, encode(value, "value"));
  writer.flush();
  const attached = attachedBuffers();
  let buffers = 0;
  let received: unknown;
  const reader = new FrameReader(2 ** 30, (type, _task, payload, isOwn) => {
    if (attached.onFrame(type, payload, isOwn)) buffers++;
    else received = decode(payload, 0, attached.take());
  });
  for (const piece of cut(channel.bytes, places)) {
    const lent = piece.slice();
    reader.push(lent);
    lent.fill(0xee); // as an adapter may
  }
  return { value: received, buffers };
}

describe("large buffers", () => {
  const large = filled(100_000);
  const shared = filled(50_000).buffer;
  test.each<[string, unknown, number]>([
    ["one", large, 1],
    ["two, and empty ones", [large, new Uint8Array(0), filled(20_000), new ArrayBuffer(0)], 2],
    ["a small one beside a large one", { small: filled(3), large }, 2],
    ["two views of one", [new Uint8Array(shared, 0, 10), new Uint16Array(shared, 8)], 1],
    ["of numbers of eight bytes", new Float64Array(10_000).fill(0.1), 1],
    ["a resizable one", Object.assign(new Map([["a", large.buffer]])), 1],
  ])("come in frames of their own: %s", (_, value, buffers) => {
    for (const places of [[], [5, 9, 14, 5_000, 60_000, 100_010], [9], [100_009, 100_018]]) {
      const received = send(value, places);
      expect(difference(received.value, value)).toBeUndefined();
      expect(received.buffers).toBe(buffers);
    }
  });

  test("small ones lie in the value's frame", () => {
    expect(send([filled(1_000), filled(15_000)], []).buffers).toBe(0);
  });

  test("that arrive in pieces are kept as they were put together", () => {
    const received = send(large, [1_000, 50_000]).value as Uint8Array;
    expect([received.byteOffset, received.buffer.byteLength]).toEqual([0, large.length]);
  });
});

describe("a flood of buffers before a frame", () => {
  test.each([
    ["large", 30_000, 40],
    ["small", 1, 4_000],
  ])("is a ProtocolError once they are more than a value may have: %s ones", (_, length, most) => {
    const attached = attachedBuffers(2 ** 20);
    let taken = 0;
    const flood = () => {
      for (; ; taken++) attached.onFrame(FrameType.Bytes, new Uint8Array(length), false);
    };
    expect(flood).toThrow(ProtocolError);
    expect(taken).toBeGreaterThan(most / 2);
    expect(taken).toBeLessThan(most * 1.1);
  });

  test("ends with the first that is empty: nobody sends such", () => {
    const attached = attachedBuffers(2 ** 20);
    expect(() => attached.onFrame(FrameType.Bytes, new Uint8Array(0), false)).toThrow(
      expect.objectContaining({ code: "ERR_PROTOCOL" }),
    );
    expect(attached.take()).toBeUndefined();
  });

  test("counts from nothing for the next frame", () => {
    const attached = attachedBuffers(2 ** 20);
    for (let i = 0; i < 100; i++) {
      attached.onFrame(FrameType.Bytes, new Uint8Array(500_000), false);
      expect(attached.take()).toHaveLength(1);
    }
  });
});

describe("a snapshot", () => {
  test("stays as it was when the original changes", () => {
    const bytes = filled(100);
    const copy = snapshot(bytes);
    bytes.fill(0);
    expect(copy).toEqual(filled(100));
  });

  test("takes the memory of one of the same length that is of no use any more, and of no other", () => {
    const first = snapshot(filled(100_000));
    letGo(first);
    expect(snapshot(filled(100_001)).buffer).not.toBe(first.buffer);
    const second = snapshot(new Uint8Array(100_000).fill(9));
    expect(second.buffer).toBe(first.buffer);
    expect(second.every((byte) => byte === 9)).toBe(true);
    expect(snapshot(filled(100_000)).buffer).not.toBe(first.buffer); // it is in use
  });
});
