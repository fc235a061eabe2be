/** Values sent the whole way: encoded, written as a frame, cut out of the bytes again and decoded. */
import { FrameType, MAX_FRAME_BYTES } from "../../src/wire/frame.ts";
import { FrameWriter } from "../../src/wire/frame-writer.ts";
import { decode, type EncodedValue, encode, encodeThrown } from "../../src/wire/value.ts";
import { join, RecordingChannel } from "./channel.ts";
import { readWithBuffers } from "./frames.ts";

export function transfer(value: unknown, root = "value"): unknown {
  return sent(encode(value, root));
}

export function transferThrown(thrown: unknown): unknown {
  return sent(encodeThrown(thrown));
}

function sent(value: EncodedValue): unknown {
  const channel = new RecordingChannel();
  const writer = new FrameWriter(channel);
  writer.write(FrameType.Result, 1, value);
  writer.flush();
  const [frame] = readWithBuffers(channel.writes, MAX_FRAME_BYTES);
  return decode((frame as { payload: Uint8Array }).payload, 0, frame?.attached);
}

/** The value as one frame carries it, whatever its size. */
export function payloadOf({ kind, text, attachments = [] }: EncodedValue): Uint8Array {
  return payloadFrom(kind, text, join(attachments));
}

/** A payload with any kind, text and bytes in it, those no encoder would write included. */
export function payloadFrom(kind: number, text: string, bytes: Uint8Array = new Uint8Array(0)): Uint8Array {
  const encoded = new TextEncoder().encode(text);
  const payload = new Uint8Array(5 + encoded.length + bytes.length);
  payload[0] = kind;
  new DataView(payload.buffer).setUint32(1, encoded.length);
  payload.set(encoded, 5);
  payload.set(bytes, 5 + encoded.length);
  return payload;
}

export const JSON_KIND = 1;
export const GRAPH_KIND = 2;
