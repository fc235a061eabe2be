/** One call in a worker, without the worker. */
import { expect } from "vitest";
import { FrameType } from "../../src/wire/frame.ts";
import { FrameWriter } from "../../src/wire/frame-writer.ts";
import { decode } from "../../src/wire/value.ts";
import { RunningCall } from "../../src/worker/running-call.ts";
import { installContext } from "../../src/worker/task-context.ts";
import { RecordingChannel } from "./channel.ts";
import { contextStorage } from "./context-storage.ts";
import { readFrames } from "./frames.ts";
import { valueBytes } from "./value-bytes.ts";

const NAMES = new Map<number, string>(Object.entries(FrameType).map(([name, type]) => [type, name]));
const PREFIXED: ReadonlySet<number> = new Set([FrameType.PullInput, FrameType.InputStop]);

/** @param now A clock that stands still lets no turn of the loop be due. */
export function setUp(flags = 0, now: () => number = () => 0) {
  const channel = new RecordingChannel();
  const writer = new FrameWriter(channel);
  installContext(contextStorage, () => undefined);
  const over: number[] = [];
  const call = new RunningCall(7, 0, flags, 0, {
    workerId: 3,
    writer,
    tell: (id, value) => writer.write(FrameType.Progress, id, value),
    now,
    afterTurn: (callback) => void setImmediate(callback),
    answer: ({ id }, type, value) => {
      writer.write(type, id, value);
      over.push(id);
    },
  });
  return {
    call,
    over,
    start: (body: (...args: never[]) => unknown, args: unknown = [], positions: number[] = []) =>
      call.start(body as never, { payload: valueBytes(args), at: 0 }, Uint8Array.from(positions)),
    send: (type: number, value?: unknown, prefix: number[] = []) =>
      call.onFrame(type, Uint8Array.from([...prefix, ...(value === undefined ? [] : valueBytes(value))])),
    pull: (count: number) => call.onFrame(FrameType.Pull, Uint8Array.from([0, 0, 0, count])),
    /** What was sent: the name of each frame, and its value or its bytes. */
    sent: () => {
      writer.flush();
      return readFrames(channel.writes).map(({ type, task: id, payload }) => {
        expect(id).toBe(7);
        return [NAMES.get(type), PREFIXED.has(type) ? [...payload] : decode(payload)];
      });
    },
  };
}
