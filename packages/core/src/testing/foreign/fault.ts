/** A fault as it is described: the bytes that a foreign worker sends instead of the right ones, and what should follow. */
import type { Part } from "./bytes.ts";

/** How the first call is made. The argument of an `input` is an async iterable; a `chunk` maps three items at once. */
export type Way = "run" | "stream" | "progress" | "input" | "chunk";

/**
 * `call`: the call rejects, and its worker goes on. `worker`: it rejects, and the worker is killed. `start`: the worker does
 * not start. `nothing`: the call resolves as it should, and the worker goes on. `later`: the call resolves as it should, and
 * the worker is killed. `either`: a result or a rejection, depending on what the runtime can read. `ends`: the worker dies,
 * and the call rejects. `answers`: the worker dies, and the call resolves as it should.
 */
export type Effect = "call" | "worker" | "start" | "nothing" | "later" | "either" | "ends" | "answers";

/** Bytes that overwrite those of a file, or its new length. */
export type JournalWrite = { readonly at: number; readonly bytes: Part } | { readonly cutAt: number };

export interface Fault {
  /** The frame, and what is wrong with it. */
  readonly name: string;
  readonly effect: Effect;
  readonly way?: Way;
  /** A JSON worker receives no iterables and sends no graphs. Default `"json"`. */
  readonly codec?: "graph";
  /** Sent instead of the Hello. */
  readonly hello?: (good: Readonly<Record<string, unknown>>) => Uint8Array;
  /** Sent instead of the Ready. Made when it is sent: every worker with a fault has the whole list. */
  readonly ready?: () => Uint8Array;
  /** Sent instead of the answer to a call that names the fault. */
  readonly answer?: (task: number) => Uint8Array;
  /** Sent before it hangs up, once it is asked to leave. */
  readonly leave?: Uint8Array;
  /** Written to its journal at its first call, on which it dies. @param sent Bytes it has sent since the Hello. */
  readonly journal?: (sent: number) => readonly JournalWrite[];
  /** It sends nothing more, and its start has to time out. */
  readonly isMute?: true;
}
