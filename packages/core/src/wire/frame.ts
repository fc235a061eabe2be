/**
 * The frame: the byte layout of a message. Owns the header, the types and the limits, nothing that
 * reads or writes. docs/protocol.md has the same facts for people who write a worker in another language.
 *
 *     u32 length   of the rest, big-endian
 *     u8  type     FrameType
 *     u32 task     the task's sequence number in this worker, from 1; 0 for frames of no task
 *     ... payload  by type
 */

/** Changes when an older peer could misread a frame. Sent in the first frame. */
export const PROTOCOL_VERSION = 4;

export const FrameType = {
  // host to worker
  Init: 1, //        value: Init
  Call: 2, //        u16 export index, u8 flags, u8 n, n times u8: see CallFlag; then value: the arguments as an array
  Cancel: 3, //      value: the reason
  Leave: 4, //       empty: run teardown, then exit
  Pull: 5, //        u32: how many more items of a stream are wanted
  Input: 6, //       u8 argument, value: the next item of an iterable argument
  InputEnd: 7, //    u8 argument
  InputFailure: 8, // u8 argument, value: what the iterable threw
  Ping: 9, //        empty
  Hold: 10, //       empty: start no more calls
  // worker to host
  Hello: 16, //      JSON text: Hello
  Ready: 17, //      JSON text: Ready
  StartFailed: 18, // value: what was thrown
  Result: 19, //     u32 run time, value: what the function returned
  Failure: 20, //    u32 run time, value: what the function threw
  Unsendable: 21, //  u32 run time, value: Unsendable
  Item: 22, //       value: what the generator yielded
  Progress: 23, //   value: what the task emitted
  PullInput: 24, //  u8 argument, u32: how many more items of it are wanted
  InputStop: 25, //  u8 argument: no more items of it are wanted
  Pong: 26, //       empty: the answer to a Ping
  Dying: 29, //      value: the uncaught error that ends this process; nothing follows it
  Hearing: 30, //    "1" or "0": whether code of the application listens to SIGTERM
  // in both directions
  Taken: 27, //      empty: the shared memory that a frame named is mapped, or will not be; see in-flight.ts
  Bytes: 28, //      a buffer of the value in the next frame that has one: see attached.ts
  Lane: 31, //       JSON text: Handle, of memory through which buffers will come; see lane.ts
  LaneTaken: 32, //  "1" or "0": whether the memory that a Lane named is mapped
  Laid: 33, //       u32 offset, u32 length: like Bytes, but the buffer lies in the lane
} as const;

/** For people to read: the type's name, or its number where it has none. */
export function frameName(type: number): string {
  const entry = Object.entries(FrameType).find(([, number]) => number === type);
  return entry === undefined ? `type ${type}` : entry[0];
}

/**
 * How to run a Call. The bytes after the flags name the arguments that are iterables: these are null in the array,
 * and their items follow as Input frames when the worker asks.
 */
export const CallFlag = {
  /** The function returns a generator: its items are sent as they are pulled, its return value is the Result. */
  Stream: 1,
  /** The arguments are an array of argument arrays, one for each item; the Result is a list of outcomes. */
  Chunk: 2,
  /** The caller listens for Progress. */
  Progress: 4,
} as const;

/** How many items of a stream, or of an iterable argument, are sent ahead of their consumer. */
export const WINDOW = 16;

/** One outcome in the Result of a chunk. */
export type ChunkOutcome =
  | { readonly value: unknown }
  | { readonly error: unknown }
  | { readonly unsendable: Unsendable };

export type FrameType = (typeof FrameType)[keyof typeof FrameType];

/** Bytes of the run time in an answer: microseconds from the start of the task, 0 if not measured. */
export const RUN_TIME_BYTES = 4;

/** The whole header, including the length. */
export const HEADER_BYTES = 9;
/** The header bytes that the length counts. */
export const HEADER_BYTES_IN_LENGTH = 5;

/**
 * The largest frame that either side accepts: 1 GiB. Far above any sane message and below the maximum size of an
 * ArrayBuffer in every runtime; a larger length is garbage, not data.
 */
export const MAX_FRAME_BYTES: number = 2 ** 30;

/** The longest frame before a worker has shown its token; a Hello is some 200 bytes. */
export const MAX_HELLO_BYTES = 4096;

/** The first frame of a worker. */
export interface Hello {
  readonly version: number;
  /** From the worker's environment: one worker, one connection. */
  readonly token: string;
  /** For messages, for example `"node 24.21.0"`. */
  readonly runtime: string;
  /** The richest codec the worker reads and writes. */
  readonly codec: Codec;
}

/** `"graph"` carries every value; `"json"` is what a worker in another language may choose. */
export type Codec = "graph" | "json";

/** The first frame of the host. */
export interface Init {
  readonly module: string;
  readonly workerId: number;
  /** Calls that may overlap. The worker keeps those that are sent ahead until there is room. */
  readonly concurrency: number;
  /** The file in which the worker records its starts and its last bytes: see journal.ts. */
  readonly journal: string;
  /** Modules that are being loaded, in this order, in the processes that led to this one: see worker/loading.ts. */
  readonly lineage?: readonly string[];
  /** The worker is not to end by a signal that asks it to stop, and says with a first Hearing that it holds it. */
  readonly holdsStopSignals?: boolean;
  /** What it writes becomes events, or calls hear it: it is to be in the pipe before an answer leaves. */
  readonly isCaptured?: boolean;
  /** The `worker.data` option, for `setup`; left out when there is none. */
  readonly data?: unknown;
}

/** The function's return value can't be sent. */
export interface Unsendable {
  readonly message: string;
  readonly path: string;
}

/** The worker takes calls from now on. */
export interface Ready {
  /** The names of the exported functions; a Call refers to one by its index in this list. */
  readonly exports: readonly string[];
}
