/**
 * What a worker can get wrong: one fault for each field of the protocol, as the bytes that stand in place of what is
 * right, and what becomes of the call and the worker. hostile.ts makes the calls, foreign-worker.ts sends the bytes.
 */
import { answerFaults } from "./answer-faults.ts";
import type { Part } from "./bytes.ts";
import { flowFaults } from "./flow-faults.ts";
import { journalFaults } from "./journal-faults.ts";
import { startFaults } from "./start-faults.ts";
import { valueFaults } from "./value-faults.ts";

/** How the first call is made. The argument of an `input` is an async iterable, a `chunk` maps three items at once. */
export type Way = "run" | "stream" | "progress" | "input" | "chunk";

/**
 * `call`: the call rejects, and its worker goes on. `worker`: it rejects, and the worker is ended. `start`: the worker does
 * not start. `nothing`: the call gives what it should, and the worker goes on. `later`: the call gives what it should, and
 * the worker is ended. `either`: a result or a rejection, by what the runtime can read. `ends`: the worker dies and the call
 * with it. `answers`: the worker dies, and the call gives what it should.
 */
export type Effect = "call" | "worker" | "start" | "nothing" | "later" | "either" | "ends" | "answers";

/** Bytes over those of a file, or its new length. */
export type JournalWrite = { readonly at: number; readonly bytes: Part } | { readonly cutAt: number };

export interface Fault {
  /** The frame, and what is wrong with it. */
  readonly name: string;
  readonly effect: Effect;
  readonly way?: Way;
  /** A worker of JSON is sent no iterables and sends no graphs. Default `"json"`. */
  readonly codec?: "graph";
  /** In place of the Hello. */
  readonly hello?: (good: Readonly<Record<string, unknown>>) => Uint8Array;
  /** In place of the Ready. */
  readonly ready?: Uint8Array;
  /** In place of the answer to a call that names the fault. */
  readonly answer?: (task: number) => Uint8Array;
  /** Before it hangs up, once it is told to leave. */
  readonly leave?: Uint8Array;
  /** What is done to its journal at its first call, on which it dies. `sent`: the bytes it has sent since the Hello. */
  readonly journal?: (sent: number) => readonly JournalWrite[];
  /** It then says nothing more, and its start has to be given up. */
  readonly isMute?: true;
}

export const faults: readonly Fault[] = [
  ...startFaults,
  ...answerFaults,
  ...valueFaults,
  ...flowFaults,
  ...journalFaults,
];
