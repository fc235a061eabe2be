/** The bytes of a value, by the writer whose own tests are elsewhere. */
import { FrameType } from "../../src/wire/frame.ts";
import { FrameWriter } from "../../src/wire/frame-writer.ts";
import { encode } from "../../src/wire/value.ts";
import { RecordingChannel } from "./channel.ts";
import { readFrames } from "./frames.ts";

/** One for all: each has a buffer of its own, and a test may ask ten thousand times. */
const channel = new RecordingChannel();
const writer = new FrameWriter(channel);

export function valueBytes(value: unknown): Uint8Array {
  writer.write(FrameType.Result, 1, encode(value, "value"));
  writer.flush();
  return (readFrames(channel.writes.splice(0))[0] as { payload: Uint8Array }).payload;
}
