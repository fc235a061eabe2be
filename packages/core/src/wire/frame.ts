/**
 * The frame: what a message looks like in bytes. Owns the header, the types and the limits, nothing that
 * reads or writes. docs/protocol.md says the same for people who write a worker in another language.
 *
 *     u32 length   of what follows, big-endian
 *     u8  type     FrameType
 *     u32 task     the task's sequence number in this worker, from 1; 0 where no task is meant
 *     ... payload  by type
 */

/** Changes when an older peer could misread a frame. Sent in the first frame. */
export const PROTOCOL_VERSION = 4;

export const FrameType = {
  // host to worker
  Init: 1, //        value: Init
  Call: 2, //        u16 export index, u8 flags, u8 n, n times u8: see CallFlag; then value: the arguments as an array
  Cancel: 3, //      value: the reason
  Leave: 4, //       empty: finish what runs, then exit
  Pull: 5, //        u32: so many more items are wanted of a stream
  Input: 6, //       u8 argument, value: the next item of an iterable argument
  InputEnd: 7, //    u8 argument
  InputFailure: 8, // u8 argument, value: what the iterable threw
  Ping: 9, //        empty
  // worker to host
  Hello: 16, //      JSON text: Hello
  Ready: 17, //      JSON text: Ready
  StartFailed: 18, // value: what was thrown
  Result: 19, //     u32 run time, value: what the function returned
  Failure: 20, //    u32 run time, value: what the function threw
  Unsendable: 21, //  u32 run time, value: Unsendable
  Item: 22, //       value: what the generator yielded
  Progress: 23, //   value: what the task emitted
  PullInput: 24, //  u8 argument, u32: so many more items are wanted of it
  InputStop: 25, //  u8 argument: no more of it is wanted
  Pong: 26, //       empty: the answer to a Ping
  Dying: 29, //      value: the uncaught error that ends this process; nothing follows it
  // in both directions
  Taken: 27, //      empty: the shared memory that a frame named is mapped, or will not be; see in-flight.ts
  Bytes: 28, //      a buffer of the value in the next frame that is no Bytes: see attached.ts
} as const;

/**
 * How a Call is meant. The bytes behind the flags name the arguments that are iterables: they hold null in the
 * array, and their items follow as Input frames when the worker asks.
 */
export const CallFlag = {
  /** The function returns a generator: its items are sent as they are pulled, its return value is the Result. */
  Stream: 1,
  /** The arguments are an array of argument arrays, one for each item; the Result is a list of outcomes. */
  Chunk: 2,
  /** Somebody listens for Progress. */
  Progress: 4,
} as const;

/** How many items of a stream, or of an iterable argument, travel ahead of the one who consumes them. */
export const WINDOW = 16;

/** One outcome in the Result of a chunk. */
export type ChunkOutcome =
  | { readonly value: unknown }
  | { readonly error: unknown }
  | { readonly unsendable: Unsendable };

export type FrameType = (typeof FrameType)[keyof typeof FrameType];

/** Bytes of the run time in an answer: microseconds from the start of the task, 0 where it was not measured. */
export const RUN_TIME_BYTES = 4;

/** The whole header, the length included. */
export const HEADER_BYTES = 9;
/** What the length counts besides the payload. */
export const HEADER_BYTES_IN_LENGTH = 5;

/**
 * A larger frame is refused on both sides: 1 GiB. Far above any sane message and below what one ArrayBuffer
 * holds in every runtime; a length beyond it is garbage, not data.
 */
export const MAX_FRAME_BYTES: number = 2 ** 30;

/** Before a worker has shown its token it may send this much: a Hello is some 200 bytes. */
export const MAX_HELLO_BYTES = 4096;

/** The first frame of a worker. */
export interface Hello {
  readonly version: number;
  /** As given in the worker's environment: one worker, one connection. */
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
  /** The file in which the worker notes its starts and its last bytes: see journal.ts. */
  readonly journal: string;
  /** The `worker.data` option, for `setup`; left out when there is none. */
  readonly data?: unknown;
}

/** What a function returned can't cross. */
export interface Unsendable {
  readonly message: string;
  readonly path: string;
}

/** The worker takes calls from now on. */
export interface Ready {
  /** The names of the exported functions; a Call names one by its place in this list. */
  readonly exports: readonly string[];
}
