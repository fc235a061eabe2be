/** The calls of a worker without a process: a channel that keeps what is written, a journal that notes, a clock of the test. */
import { FrameType, RUN_TIME_BYTES } from "../../src/wire/frame.ts";
import { FrameWriter } from "../../src/wire/frame-writer.ts";
import { bytesOfUint16, bytesOfUint32, readUint32 } from "../../src/wire/integers.ts";
import { decode } from "../../src/wire/value.ts";
import { Calls } from "../../src/worker/calls.ts";
import { task } from "../../src/worker/task.ts";
import { RecordingChannel } from "./channel.ts";
import { contextStorage } from "./context-storage.ts";
import { settled } from "./fake-clock.ts";
import { readFrames } from "./frames.ts";
import { valueBytes } from "./value-bytes.ts";

/** The exports, by their place. */
export const SPIN = 0; // (name, ms): takes so long by the clock of the test
export const WAIT = 1; // (name): ends when it is let go
export const COUNT = 2; // (to): yields the numbers up to it, for a stream
export const COLLECT = 3; // (items): the items of an iterable
export const EMIT = 4; // (...values): emits each
export const TEXT = 5; // (length): returns a text
export const INSTANT = 6; // (name): returns a promise that is settled already

export interface Scene {
  readonly concurrency?: number;
  readonly capacity?: number;
  readonly isMapped?: boolean;
}

export function callsScene({ concurrency = 1, capacity = 1_000, isMapped = false }: Scene = {}) {
  const channel = new RecordingChannel();
  const writer = new FrameWriter(channel, true);
  let now = 0;
  const turns: (() => void)[] = [];
  /** What happened, in its order: a start is noted before it, a write has left. */
  const events: string[] = [];
  const waiting = new Map<string, () => void>();
  const run = (what: unknown) => events.push(`run ${what}, ${channel.writes.length} writes`);
  const calls = new Calls({
    workerId: 1,
    concurrency,
    writer,
    contextStorage,
    tasks: [
      (name, ms) => {
        run(name);
        now += ms as number;
        return name;
      },
      (name) => {
        run(name);
        return new Promise((resolve) => waiting.set(name as string, () => resolve(name)));
      },
      function* (to) {
        run(`count ${to}`);
        for (let n = 1; n <= (to as number); n++) yield n;
        return "end";
      },
      async (items) => {
        run("collect");
        const all: unknown[] = [];
        for await (const item of items as AsyncIterable<unknown>) all.push(item);
        return all;
      },
      (...values) => {
        for (const value of values) {
          task().emit(value);
          run(`emitted ${value}`);
        }
      },
      (length) => {
        run(`text ${length}`);
        return "x".repeat(length as number);
      },
      async (name) => {
        run(name);
        return name;
      },
    ],
    now: () => now,
    afterTurn: (callback) => turns.push(callback),
    journal: {
      capacity,
      isMapped,
      starts: (id, unsent) => events.push(unsent > 0 ? `start ${id}, keep ${unsent}` : `start ${id}`),
      keep: (unsent) => {
        if (unsent > 0) events.push(`keep ${unsent}`);
      },
    },
  });
  const frames = () => {
    writer.flush();
    return readFrames(channel.writes);
  };
  return {
    calls,
    channel,
    writer,
    events,
    runs: () => events.filter((event) => event.startsWith("run ")),
    call: (id: number, index: number, ...args: unknown[]) => calls.onCall(id, callPayload(index, args)),
    /** A call by its flags, or with iterable arguments. */
    callWith: (id: number, index: number, args: unknown[], flags: number, positions: number[] = []) =>
      calls.onCall(id, callPayload(index, args, flags, positions)),
    cancel: (id: number) => calls.onCancel(id, new Uint8Array([0])),
    pull: (id: number, count: number) =>
      calls.onFrame(FrameType.Pull, id, Uint8Array.from(bytesOfUint32(count))),
    input: (id: number, position: number, item: unknown) =>
      calls.onFrame(FrameType.Input, id, Uint8Array.from([position, ...valueBytes(item)])),
    inputEnd: (id: number, position: number) =>
      calls.onFrame(FrameType.InputEnd, id, Uint8Array.of(position)),
    inputFailure: (id: number, position: number, error: unknown) =>
      calls.onFrame(FrameType.InputFailure, id, Uint8Array.from([position, ...valueBytes(error)])),
    release: async (name: string) => {
      waiting.get(name)?.();
      await settled();
    },
    turn: () => turns.shift()?.(),
    writes: () => channel.writes.length,
    /** Each answer: its call, its value, and its run time in µs. */
    answers: () =>
      frames()
        .filter(({ type }) => ANSWERS.has(type))
        .map(({ type, task: id, payload }) => [
          id,
          type === FrameType.Result ? decode(payload, RUN_TIME_BYTES) : "failure",
          readUint32(payload, 0),
        ]),
    /** What came of a call besides its answer: items, progress. */
    told: (id: number) =>
      frames()
        .filter(({ type, task: of }) => of === id && (type === FrameType.Item || type === FrameType.Progress))
        .map(({ payload }) => decode(payload)),
  };
}

const ANSWERS: ReadonlySet<number> = new Set([FrameType.Result, FrameType.Failure, FrameType.Unsendable]);

/** The payload of a Call. */
export const callPayload = (
  index: number,
  args: readonly unknown[],
  flags = 0,
  positions: readonly number[] = [],
) => Uint8Array.from([...bytesOfUint16(index), flags, positions.length, ...positions, ...valueBytes(args)]);
