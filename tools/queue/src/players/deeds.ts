/** What the jobs of the comparison do, the same on both sides. Each notes its start, and its end if it has one. */
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import process from "node:process";
import { setTimeout as wait } from "node:timers/promises";
import { BROKEN } from "../messages.ts";
import { note } from "./note.ts";

if (existsSync(process.env[BROKEN] ?? "")) throw new Error("This module is broken");

export interface Order {
  readonly id: string;
  readonly ms?: number;
  readonly bytes?: number;
}

export function nothing(): void {}

/** Computes for so long, or for ever, and answers nothing meanwhile. */
export function compute({ id, ms = Number.POSITIVE_INFINITY }: Order): void {
  note("start", id);
  for (const end = Date.now() + ms; Date.now() < end; );
  note("finish", id);
}

/** Waits, and stops when it is told to. */
export async function listen({ id, ms }: Order, signal: AbortSignal | undefined): Promise<void> {
  note("start", id);
  await wait(ms, undefined, signal === undefined ? {} : { signal });
  note("finish", id);
}

const PIECE = 16 * 2 ** 20;
const PIECE_EVERY_MS = 40;

/** Takes memory outside of the heap, until it has so much. */
export async function grow({ id, bytes = 0 }: Order): Promise<void> {
  note("start", id);
  for (const held: Buffer[] = []; held.length * PIECE < bytes; ) {
    held.push(Buffer.alloc(PIECE, 1));
    await wait(PIECE_EVERY_MS);
  }
  note("finish", id);
}

/** Starts a process, and waits for it. */
export async function start({ id, ms = 0 }: Order): Promise<void> {
  spawn("sleep", [String(ms / 1_000)], { stdio: "ignore" });
  note("start", id);
  await wait(ms);
  note("finish", id);
}

/** Takes a moment. */
export async function brief({ id, ms }: Order): Promise<void> {
  note("start", id);
  await wait(ms);
  note("finish", id);
}
