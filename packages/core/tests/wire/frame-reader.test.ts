import fc from "fast-check";
import { afterEach, describe, expect, test, vi } from "vitest";
import { ProtocolError } from "../../src/errors.ts";
import { MAX_FRAME_BYTES } from "../../src/wire/frame.ts";
import { FrameReader } from "../../src/wire/frame-reader.ts";
import { readUint16, readUint32 } from "../../src/wire/integers.ts";
import { join } from "../support/channel.ts";
import { runs } from "../support/effort.ts";
import { cut, type Frame, frameBytes, headerBytes, readFrames } from "../support/frames.ts";

const FRAMES: readonly Frame[] = [
  { type: 16, task: 0, payload: new TextEncoder().encode('{"version":1}') },
  { type: 4, task: 0, payload: new Uint8Array(0) },
  { type: 19, task: 0xffffffff, payload: Uint8Array.of(0, 0, 0, 9) },
  { type: 255, task: 0x80000000, payload: new Uint8Array(0) },
  { type: 0, task: 1, payload: Uint8Array.from({ length: 20 }, (_, i) => i * 13) },
  { type: 20, task: 2, payload: Uint8Array.of(1) },
];
const STREAM = join(FRAMES.map(frameBytes));

describe("frames", () => {
  test("come whole and in order out of one chunk", () => {
    expect(readFrames([STREAM])).toEqual(FRAMES);
  });

  test("are the same at every place the stream can be split", () => {
    for (let at = 0; at <= STREAM.length; at++) expect(readFrames(cut(STREAM, [at]))).toEqual(FRAMES);
  });

  test("are the same at every two places the stream can be split", () => {
    const expected = JSON.stringify(readFrames([STREAM]));
    for (let a = 0; a <= STREAM.length; a++) {
      for (let b = a; b <= STREAM.length; b++) {
        if (JSON.stringify(readFrames(cut(STREAM, [a, b]))) !== expected)
          expect.fail(`split at ${a} and ${b}`);
      }
    }
  });

  test.each([1, 2, 3, 4, 5, 8, 9, 10, 13])("are the same when %i bytes come at a time", (size) => {
    const places = Array.from({ length: Math.floor(STREAM.length / size) }, (_, i) => (i + 1) * size);
    expect(readFrames(cut(STREAM, places))).toEqual(FRAMES);
  });

  test("are the same however any stream is split, with empty chunks between", () => {
    const frame = fc.record({
      type: fc.nat(255),
      task: fc.nat(0xffffffff),
      payload: fc.uint8Array({ maxLength: 300 }),
    });
    fc.assert(
      fc.property(
        fc.array(frame, { maxLength: 12 }),
        fc.array(fc.nat(4_000), { maxLength: 20 }),
        (frames, places) => {
          expect(readFrames(cut(join(frames.map(frameBytes)), places))).toEqual(frames);
        },
      ),
      { numRuns: runs(300) },
    );
  });

  test("larger than any buffer come whole from small chunks", () => {
    const large = { type: 19, task: 7, payload: Uint8Array.from({ length: 700_000 }, (_, i) => i * 7) };
    const stream = join([...FRAMES, large, ...FRAMES].map(frameBytes));
    const places = Array.from({ length: 700 }, (_, i) => (i + 1) * 1_021);
    const received = readFrames(cut(stream, places));
    expect(received.map(({ type, task }) => [type, task])).toEqual(
      [...FRAMES, large, ...FRAMES].map(({ type, task }) => [type, task]),
    );
    expect(join(received.map(frameBytes))).toEqual(stream);
  });

  test.runIf("Buffer" in globalThis)("are the same from Buffers, which an adapter may fill again", () => {
    const { Buffer } = globalThis as never as { Buffer: { from(bytes: Uint8Array): Uint8Array } };
    const frames: Frame[] = [];
    const reader = new FrameReader(1_000, (type, task, payload) =>
      frames.push({ type, task, payload: new Uint8Array(payload) }),
    );
    for (const piece of cut(STREAM, [3, 17, 40, 41, 60])) {
      const chunk = Buffer.from(piece);
      reader.push(chunk);
      chunk.fill(0xee);
    }
    expect(frames).toEqual(FRAMES);
  });

  test("that came whole are handed over in place, without a copy", () => {
    const payloads: Uint8Array[] = [];
    new FrameReader(1_000, (_type, _task, payload) => payloads.push(payload)).push(STREAM);
    expect(payloads.map(({ buffer }) => buffer)).toEqual(FRAMES.map(() => STREAM.buffer));
    expect(payloads.every(({ buffer }) => buffer === STREAM.buffer)).toBe(true);
  });

  test("that are not complete yet are not handed over", () => {
    for (let at = 0; at < STREAM.length; at++) {
      const complete = readFrames([STREAM.subarray(0, at)]);
      expect(complete).toEqual(FRAMES.slice(0, complete.length));
      expect(join(complete.map(frameBytes)).length).toBeLessThanOrEqual(at);
    }
  });

  test("after one that the receiver refused are not handed over", () => {
    const seen: number[] = [];
    const reader = new FrameReader(1_000, (type) => {
      seen.push(type);
      if (type === 4) throw new RangeError("refused");
    });
    expect(() => reader.push(STREAM)).toThrow(RangeError);
    expect(seen).toEqual([16, 4]);
  });
});

describe("a length", () => {
  const payloadOf = (length: number) => new Uint8Array(length - 5);

  test.each([0, 1, 4])("of %i, which is less than a header, is a ProtocolError", (length) => {
    expect(() => readFrames([headerBytes(length)])).toThrow(ProtocolError);
    expect(() => readFrames([headerBytes(length)])).toThrow(
      `Expected a frame length from 5 to ${2 ** 20} bytes, received ${length}`,
    );
  });

  test.each([101, 2 ** 30, 0x7fffffff, 0x80000000, 0xffffffff])(
    "of %i, above the limit, is a ProtocolError before anything more arrives",
    (length) => {
      for (let at = 0; at <= 9; at++) {
        expect(() => readFrames(cut(headerBytes(length), [at]), 100)).toThrow(ProtocolError);
      }
    },
  );

  test("at the limit, and of an empty frame, is accepted", () => {
    for (const length of [5, 100]) {
      const frame = { type: 1, task: 1, payload: payloadOf(length) };
      expect(readFrames([frameBytes(frame)], 100)).toEqual([frame]);
    }
  });

  test("that is wrong in the second frame leaves the first as it is", () => {
    const types: number[] = [];
    const reader = new FrameReader(1_000, (type) => types.push(type));
    expect(() => reader.push(join([frameBytes(FRAMES[0] as Frame), headerBytes(4)]))).toThrow(ProtocolError);
    expect(types).toEqual([16]);
  });
});

describe("memory", () => {
  afterEach(() => void vi.unstubAllGlobals());

  /** The sizes of the arrays that are made from here on. */
  function watchAllocations(): number[] {
    const sizes: number[] = [];
    const Original = Uint8Array;
    vi.stubGlobal(
      "Uint8Array",
      new Proxy(Original, {
        construct(target, args) {
          if (typeof args[0] === "number") sizes.push(args[0]);
          return Reflect.construct(target, args);
        },
      }),
    );
    return sizes;
  }

  test("does not follow a length that is only claimed", () => {
    const header = headerBytes(MAX_FRAME_BYTES);
    const piece = Uint8Array.from({ length: 50_000 });
    const sizes = watchAllocations();
    const reader = new FrameReader(MAX_FRAME_BYTES, () => {});
    reader.push(header);
    expect(sizes.length).toBeGreaterThan(0); // the watch works
    expect(Math.max(...sizes)).toBeLessThanOrEqual(64 * 1024);
    for (let arrived = 0; arrived < 1_000_000; arrived += piece.length) {
      reader.push(piece);
      expect(Math.max(...sizes)).toBeLessThanOrEqual(2 * (arrived + 100_000) + 64 * 1024);
    }
  });

  test("is asked for a few times only while a large frame arrives, so that it is not copied over and over", () => {
    const header = headerBytes(10_000_000);
    const piece = new Uint8Array(1_000);
    const sizes = watchAllocations();
    const reader = new FrameReader(MAX_FRAME_BYTES, () => {});
    reader.push(header);
    for (let i = 0; i < 9_000; i++) reader.push(piece);
    expect(sizes.length).toBeLessThan(12);
  });

  test("is not asked for again with each piece", () => {
    const header = headerBytes(1_000_000);
    const piece = Uint8Array.of(1);
    const sizes = watchAllocations();
    const reader = new FrameReader(MAX_FRAME_BYTES, () => {});
    reader.push(header);
    for (let i = 0; i < 10_000; i++) reader.push(piece);
    expect(sizes.length).toBe(2); // a header's, and this one's
  });
});

describe("garbage", () => {
  test("ends in a ProtocolError or is read as frames, and nothing else, for any bytes in any chunks", () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 64 }), { maxLength: 16 }), (chunks) => {
        try {
          const bytes = readFrames(chunks).reduce((sum, frame) => sum + frameBytes(frame).length, 0);
          expect(bytes).toBeLessThanOrEqual(join(chunks).length);
        } catch (error) {
          expect(error).toBeInstanceOf(ProtocolError);
        }
      }),
      { numRuns: runs(2_000) },
    );
  });

  test("of an HTTP client and of a text on a terminal ends in a ProtocolError", () => {
    for (const text of ["GET / HTTP/1.1\r\n\r\n", "Segmentation fault (core dumped)\n"]) {
      expect(() => readFrames([new TextEncoder().encode(text)], MAX_FRAME_BYTES)).toThrow(
        "the bytes on the channel are not frames of this protocol",
      );
    }
  });

  test("stays a ProtocolError when the channel goes on after it began in pieces", () => {
    const reader = new FrameReader(100, () => expect.fail("no frame here"));
    reader.push(headerBytes(0).subarray(0, 3));
    for (let i = 0; i < 3; i++) expect(() => reader.push(new Uint8Array(8).fill(255))).toThrow(ProtocolError);
  });
});

describe("numbers", () => {
  test("of four bytes are read big-endian and without a sign", () => {
    fc.assert(
      fc.property(fc.nat(0xffffffff), fc.nat(8), (number, at) => {
        const bytes = new Uint8Array(16);
        new DataView(bytes.buffer).setUint32(at, number);
        expect(readUint32(bytes, at)).toBe(number);
      }),
    );
    expect(readUint32(Uint8Array.of(255, 255, 255, 255), 0)).toBe(0xffffffff);
  });

  test("of two bytes are read big-endian and without a sign", () => {
    expect([readUint16(Uint8Array.of(0xff, 0xfe), 0), readUint16(Uint8Array.of(0, 0x80, 1), 1)]).toEqual([
      0xfffe, 0x8001,
    ]);
  });

  test("is the last that is heard of a channel, whatever comes after it", () => {
    const heard: number[] = [];
    const reader = new FrameReader(100, (type) => heard.push(type));
    const good = frameBytes({ type: 1, task: 0, payload: Uint8Array.of(1) });
    reader.push(good);
    expect(() => reader.push(headerBytes(0))).toThrow(ProtocolError);
    for (let i = 0; i < 3; i++) expect(() => reader.push(good)).toThrow(ProtocolError);
    expect(heard).toEqual([1]);
  });

  test("found by whoever takes the frames is the last that is heard as well", () => {
    const heard: number[] = [];
    const reader = new FrameReader(100, (type) => {
      heard.push(type);
      if (type === 2) throw new ProtocolError("no 2");
    });
    const frames = [1, 2, 3].map((type) => frameBytes({ type, task: 0, payload: new Uint8Array(0) }));
    for (const bytes of [join(frames), frames[2] as Uint8Array]) {
      expect(() => reader.push(bytes)).toThrow("no 2");
    }
    expect(heard).toEqual([1, 2]);
  });
});
