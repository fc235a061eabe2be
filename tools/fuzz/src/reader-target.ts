/** The frame reader: however the bytes are cut, it yields the same frames, and none once it has thrown. */
import { ProtocolError } from "../../../packages/core/src/errors.ts";
import { FrameReader, type OnFrame } from "../../../packages/core/src/wire/frame-reader.ts";
import { frameBytes } from "../../../packages/core/tests/support/frames.ts";
import { chunksOf } from "./chunks.ts";
import { Breach, demand, type Target } from "./target.ts";

/** A valid frame, sent after the one that broke it. */
const GOOD = frameBytes({ type: 19, task: 1, payload: Uint8Array.of(0, 0, 0, 0, 1, 0, 0, 0, 1, 0x31) });
const MAX_FRAME = 2 ** 20;

interface Reader {
  push(chunk: Uint8Array): void;
}

export function readerTarget(
  make: (maxBytes: number, onFrame: OnFrame) => Reader = (...of) => new FrameReader(...of),
): Target {
  return {
    name: "reader",
    run: (input) => {
      const whole = read(make, [input]);
      const cut = read(make, chunksOf(input));
      demand(whole.frames.join() === cut.frames.join(), "cut differently, the bytes give other frames");
      demand(whole.hasThrown === cut.hasThrown, "cut differently, the bytes are an error, or none");
      demand(whole.bytes <= input.length, "frames have more bytes than came");
      return undefined;
    },
  };
}

function read(make: (maxBytes: number, onFrame: OnFrame) => Reader, chunks: readonly Uint8Array[]) {
  const frames: string[] = [];
  let bytes = 0;
  let hasThrown = false;
  const reader = make(MAX_FRAME, (type, task, payload) => {
    demand(!hasThrown, "a frame came after the error");
    bytes += payload.length;
    frames.push(
      `${type} ${task} ${payload.length} ${payload.reduce((sum, byte) => (sum * 31 + byte) | 0, 7)}`,
    );
  });
  for (const chunk of chunks) {
    try {
      reader.push(chunk);
    } catch (error) {
      if (error instanceof Breach) throw error;
      demand(error instanceof ProtocolError, `it threw ${String(error).slice(0, 200)}`);
      hasThrown = true;
    }
  }
  if (!hasThrown) return { frames, bytes, hasThrown };
  for (let i = 0; i < 2; i++) {
    try {
      reader.push(GOOD);
    } catch (error) {
      if (error instanceof Breach) throw error;
    }
  }
  return { frames, bytes, hasThrown };
}
