/** Values sent the whole way: encoded, written as a frame, cut out of the bytes again and decoded. */
import { FrameType, HEADER_BYTES } from "../../src/wire/frame.ts";
import { FrameWriter } from "../../src/wire/frame-writer.ts";
import { decode, type EncodedValue, encode, encodeThrown } from "../../src/wire/value.ts";
import { RecordingChannel } from "./channel.ts";

export function transfer(value: unknown, root = "value"): unknown {
  return decode(payloadOf(encode(value, root)));
}

export function transferThrown(thrown: unknown): unknown {
  return decode(payloadOf(encodeThrown(thrown)));
}

/** The value as a frame carries it. */
export function payloadOf(value: EncodedValue): Uint8Array {
  const channel = new RecordingChannel();
  const writer = new FrameWriter(channel);
  writer.write(FrameType.Result, 1, value);
  writer.flush();
  return channel.bytes.subarray(HEADER_BYTES);
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
