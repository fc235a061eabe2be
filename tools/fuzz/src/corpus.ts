/**
 * What mutations start from: the fidelity suite's values as their encoder writes them, and a worker's frames that
 * contain them.
 */

import { FrameType } from "../../../packages/core/src/wire/frame.ts";
import { bytesOfUint32 } from "../../../packages/core/src/wire/integers.ts";
import { type EncodedValue, encode } from "../../../packages/core/src/wire/value.ts";
import { frameBytes } from "../../../packages/core/tests/support/frames.ts";
import { SAMPLES } from "../../../packages/core/tests/support/samples.ts";
import { joined, payloadOf } from "./bytes.ts";
import { CALLS } from "./connection-target.ts";
import { Random } from "./random.ts";

export interface Corpus {
  /** Payloads that are a value. */
  readonly values: readonly Uint8Array[];
  /** Frames of a worker that follows the protocol, a few at a time. */
  readonly frames: readonly Uint8Array[];
}

/** Larger inputs take long to mutate, and show nothing new. */
const MAX_BYTES = 8 * 1024;

export function makeCorpus(): Corpus {
  const encoded = withoutTraces(() =>
    SAMPLES.flatMap(({ make }) => [make(), [make(), -0]]).map((value) => encode(value, "value")),
  );
  const small = encoded.filter((value) => payloadOf(value).length <= MAX_BYTES);
  return {
    values: small.map(payloadOf),
    frames: small.map((value, i) => conversation(value, new Random(0, i))),
  };
}

/** The stack of this process is in no input: the same seed gives the same inputs everywhere. */
function withoutTraces<T>(make: () => T): T {
  const limits = Error as { stackTraceLimit?: number | undefined };
  const before = limits.stackTraceLimit;
  limits.stackTraceLimit = 0;
  try {
    return make();
  } finally {
    limits.stackTraceLimit = before;
  }
}

/** The answer to a chunk, with outcomes of each kind. */
function chunkOf(value: EncodedValue, random: Random): Uint8Array {
  const outcomes = [
    { value: 1 },
    { error: "no" },
    { unsendable: { message: "a", path: "b" } },
    { value: value.text },
    null,
  ];
  return payloadOf(
    encode(
      Array.from({ length: random.below(6) }, () => random.pick(outcomes)),
      "value",
    ),
  );
}

/** The value in three of the frames that may contain it, with its buffers in their own frames if it has any. */
function conversation(value: EncodedValue, random: Random): Uint8Array {
  const frame = (type: number, task: number, ...parts: readonly ArrayLike<number>[]) =>
    frameBytes({ type, task, payload: joined(parts) });
  const payload = payloadOf(value);
  const alone = payloadOf({ ...value, attachments: undefined });
  const buffers = (value.attachments ?? []).map((bytes) => frame(FrameType.Bytes, 0, bytes));
  const runTime = bytesOfUint32(random.below(5_000));
  const said = [
    [frame(FrameType.Result, CALLS.plain, runTime, payload)],
    [...buffers, frame(FrameType.Failure, CALLS.chunk, runTime, alone)],
    [frame(FrameType.Item, CALLS.stream, payload), ...buffers, frame(FrameType.Item, CALLS.stream, alone)],
    [frame(FrameType.Progress, CALLS.heard, payload), frame(FrameType.Pong, 0)],
    [
      frame(FrameType.PullInput, CALLS.input, [0], bytesOfUint32(8)),
      frame(FrameType.InputStop, CALLS.input, [0]),
    ],
    [
      frame(
        FrameType.Unsendable,
        CALLS.input,
        runTime,
        payloadOf(encode({ message: "a", path: "b" }, "value")),
      ),
    ],
    [frame(FrameType.Dying, 0, payload), frame(FrameType.Pong, 0)],
    [frame(FrameType.Hearing, 0, [0x30]), frame(FrameType.Hearing, 0, [0x31])],
    [frame(FrameType.Taken, 0)],
    [frame(FrameType.Pong, 0), frame(FrameType.Pong, 0)],
    [
      frame(FrameType.PullInput, CALLS.input, [0], bytesOfUint32(1 + random.below(16))),
      frame(FrameType.PullInput, CALLS.input, [0], bytesOfUint32(1)),
    ],
    [frame(FrameType.Result, CALLS.chunk, runTime, chunkOf(value, random))],
    [frame(FrameType.StartFailed, 0, payload)],
    [frame(FrameType.Ready, 0, new TextEncoder().encode('{"exports":["a","b"]}'))],
  ];
  return joined(Array.from({ length: 3 }, () => random.pick(said)).flat());
}
