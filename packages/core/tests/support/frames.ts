/** Frames made from docs/protocol.md alone, and read by the readers under test. */
import { Attached } from "../../src/wire/attached.ts";
import { FrameReader } from "../../src/wire/frame-reader.ts";
import { FrameWriter } from "../../src/wire/frame-writer.ts";
import { RecordingChannel } from "./channel.ts";

export interface Frame {
  readonly type: number;
  readonly task: number;
  readonly payload: Uint8Array;
}

export function frameBytes({ type, task, payload }: Frame): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(9 + payload.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, payload.length + 5);
  view.setUint8(4, type);
  view.setUint32(5, task);
  bytes.set(payload, 9);
  return bytes;
}

/** A header alone, with any length in it. */
export function headerBytes(length: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(9);
  new DataView(bytes.buffer).setUint32(0, length);
  return bytes;
}

/** What a reader makes of the chunks. Each chunk is overwritten after its push, as an adapter may do. */
export function readFrames(chunks: readonly Uint8Array[], maxBytes = 2 ** 20): Frame[] {
  const frames: Frame[] = [];
  const reader = new FrameReader(maxBytes, (type, task, payload) =>
    frames.push({ type, task, payload: payload.slice() }),
  );
  for (const chunk of chunks) {
    const lent = chunk.slice();
    reader.push(lent);
    lent.fill(0xee);
  }
  return frames;
}

/** The same, with the buffers that came in front of a frame, as their receiver keeps them. */
export function readWithBuffers(
  chunks: readonly Uint8Array[],
  maxBytes?: number,
): (Frame & { readonly attached: readonly Uint8Array[] | undefined })[] {
  const attached = attachedBuffers();
  return readFrames(chunks, maxBytes).flatMap((frame) =>
    attached.onFrame(frame.type, frame.payload, true) ? [] : [{ ...frame, attached: attached.take() }],
  );
}

/** Of a side whose own frames nobody hears. */
export const attachedBuffers = (maxBytes?: number): Attached =>
  new Attached(new FrameWriter(new RecordingChannel()), maxBytes);

/** Cuts bytes at the given places. */
export function cut(bytes: Uint8Array, places: readonly number[]): Uint8Array[] {
  const ends = [...places.map((place) => Math.min(place, bytes.length)).sort((a, b) => a - b), bytes.length];
  let start = 0;
  return ends.map((end) => {
    const piece = bytes.subarray(start, end);
    start = end;
    return piece;
  });
}
