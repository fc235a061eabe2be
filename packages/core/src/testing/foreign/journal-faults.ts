/** What a worker can get wrong in its journal before it dies in a call: the host reads the journal of a dead worker. */

import { ASKED } from "./answer-faults.ts";
import { type Part, result, u32 } from "./bytes.ts";
import type { Effect, Fault, JournalWrite } from "./fault.ts";

const RING_AT = 4_096;
const RING_BYTES = 65_536;
const LOG_AT = RING_AT + RING_BYTES;

/** The header of a ring that holds the bytes up to this count. */
const ring = (count: number, started = 1): JournalWrite => ({
  at: 0,
  bytes: [...u32(started), ...u32(1), ...u32(count % 2 ** 32)],
});

/** What is in the ring after this many bytes. */
const inRing = (sent: number, bytes: Part): JournalWrite => ({ at: RING_AT + sent, bytes });

const started: JournalWrite = { at: 0, bytes: [...u32(1), ...u32(0)] };

const entry = (numbers: readonly number[]): JournalWrite => ({ at: LOG_AT, bytes: numbers.flatMap(u32) });

const rows: readonly (readonly [what: string, effect: Effect, writes: (sent: number) => readonly JournalWrite[]])[] = [
  ["nothing in it", "ends", () => [{ cutAt: 0 }]],
  ["half a number", "ends", () => [{ cutAt: 2 }]],
  ["a start alone", "ends", () => [{ cutAt: 0 }, { at: 0, bytes: u32(1) }]],
  ["starts without end", "ends", () => [{ at: 0, bytes: u32(2 ** 32 - 1) }]],
  ["a form that does not exist", "ends", () => [{ at: 0, bytes: [...u32(1), ...u32(9), ...u32(50)] }]],
  ["bytes in it that are no frames", "ends", (sent) => [inRing(sent, "x".repeat(99)), ring(sent + 99)]],
  ["an answer to a task that was never given", "ends", (sent) => {
    const answer = result(999, 1);
    return [inRing(sent, answer), ring(sent + answer.length)];
  }],
  ["fewer bytes than have come", "ends", (sent) => [ring(sent - 1)]],
  ["4 GiB of bytes", "ends", () => [ring(2 ** 32 - 1)]],
  ["more bytes than it keeps", "ends", (sent) => [ring(sent + 40_000)]],
  ["bytes that are cut off", "ends", (sent) => [ring(sent + 99), { cutAt: RING_AT + 10 }]],
  ["a terabyte", "ends", () => [{ cutAt: 2 ** 40 }, ring(7)]],
  ["an entry of 4 GiB", "ends", () => [started, entry([1, 1, 1, 50, 2 ** 32 - 1])]],
  ["an entry whose check is wrong", "ends", () => [started, entry([1, 1, 1, 50, 40])]],
  ["the answer", "answers", (sent) => {
    const answer = result(1, ASKED);
    return [inRing(sent, answer), ring(sent + answer.length)];
  }],
]; // biome-ignore format: a table

export const journalFaults: readonly Fault[] = rows.map(([what, effect, journal]) => ({
  name: `journal: ${what}`,
  effect,
  journal,
}));
