/** The worker module of all programs: tasks that do what their order says, and write lines to the journal. */
import { spawn } from "node:child_process";
import { openSync, readFileSync, writeSync } from "node:fs";
import process from "node:process";
import type { Work } from "../program.ts";
import { clock, lineOf, type Mark } from "./journal.ts";
import { byteOf, itemOf, resultOf, thrownOf } from "./values.ts";

/** The work, and the name of the call it is for. */
export interface Order extends Work {
  readonly call: string;
}

export interface Data {
  readonly journal?: string;
  /** Some task emits. A module that never asks which task runs is served faster. */
  readonly emits: boolean;
}

let journal: number | undefined;
let file = "";
let emit: (value: unknown) => void = () => {};

export async function setup(data: Data): Promise<void> {
  if (data.journal !== undefined) {
    file = data.journal;
    journal = openSync(file, "a");
  }
  if (!data.emits) return;
  const runtime = "Bun" in globalThis ? "bun" : "Deno" in globalThis ? "deno" : "node";
  const { task } = (await import(`@reapool/${runtime}/worker`)) as typeof import("@reapool/node/worker");
  emit = (value) => task().emit(value);
}

function note(mark: Mark, { call }: Order, other?: number): void {
  if (journal === undefined) return;
  const { pid } = process;
  writeSync(journal, lineOf({ mark, call, pid, at: clock(), ...(other !== undefined && { other }) }));
}

export function act(order: Order, view?: Uint8Array): unknown {
  begin(order);
  if (order.guilt !== undefined) return misbehave(order);
  if (order.asleep !== true) {
    compute(order);
    return end(order, view);
  }
  return sleep(order.ms ?? 0).then(() => {
    emitAll(order);
    return end(order, view);
  });
}

// The pool learns from their names how long they run.
export const act0: typeof act = (...args) => act(...args);
export const act01: typeof act = (...args) => act(...args);
export const act06: typeof act = (...args) => act(...args);
export const act2: typeof act = (...args) => act(...args);
export const act5: typeof act = (...args) => act(...args);

export function* items(order: Order): Generator<unknown> {
  begin(order);
  let isOver = false;
  try {
    for (let i = 0; i < (order.items ?? 0); i++) {
      spin(order.ms ?? 0);
      yield itemOf(order.call, i);
    }
    isOver = true;
    return end(order);
  } finally {
    if (!isOver) note("left", order);
  }
}

export async function* itemsLater(order: Order): AsyncGenerator<unknown> {
  begin(order);
  let isOver = false;
  try {
    for (let i = 0; i < (order.items ?? 0); i++) {
      await sleep(order.ms ?? 0);
      yield itemOf(order.call, i);
    }
    isOver = true;
    return end(order);
  } finally {
    if (!isOver) note("left", order);
  }
}

/** How many items it read, and the last one. */
export async function read(order: Order, source: AsyncIterable<unknown>): Promise<unknown> {
  begin(order);
  let count = 0;
  let last: unknown;
  try {
    for await (const item of source) {
      count++;
      last = item;
      spin(order.ms ?? 0);
      if (count === order.reads?.take) break;
    }
  } catch (error) {
    note("end", order);
    throw error;
  }
  note("end", order);
  return [count, last];
}

export async function* readItems(order: Order, source: AsyncIterable<unknown>): AsyncGenerator<unknown> {
  begin(order);
  let isOver = false;
  let count = 0;
  try {
    for await (const item of source) {
      spin(order.ms ?? 0);
      yield item;
      if (++count === order.reads?.take) break;
    }
    isOver = true;
  } finally {
    note(isOver ? "end" : "left", order);
  }
}

function begin(order: Order): void {
  note("start", order);
  if (order.starts === true) {
    const { pid } = spawn("sleep", ["600"], { stdio: "ignore" });
    note("process", order, pid);
  }
}

/** Its last line is written before its answer: whatever the journal says has ended, the caller must get. */
function end(order: Order, view?: Uint8Array): unknown {
  const { call, throws, fails, gives = "number", size = 0 } = order;
  const isThrowing = throws !== undefined && (fails === undefined || attempts(order) <= fails);
  view?.fill(byteOf(call));
  const value = isThrowing ? thrownOf(throws, call) : resultOf(gives, size, call);
  note("end", order);
  if (isThrowing) throw value;
  return value;
}

const attempts = ({ call }: Order): number => readFileSync(file, "utf8").split(`start ${call} `).length - 1;

function compute(order: Order): void {
  const { ms = 0, emits = 0 } = order;
  for (let i = 0; i < emits; i++) {
    spin(ms / emits);
    emit(i);
    note("emit", order);
  }
  if (emits === 0) spin(ms);
}

function emitAll(order: Order): void {
  for (let i = 0; i < (order.emits ?? 0); i++) {
    emit(i);
    note("emit", order);
  }
}

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

function spin(ms: number): void {
  for (const until = performance.now() + ms; performance.now() < until; );
}

const LEAK_STEP = 16 * 2 ** 20;
/** It stops there: a limit that is not enforced must not take the machine down. */
const LEAK_STEPS = 40;

function misbehave(order: Order): unknown {
  compute(order);
  const never = new Promise<never>(() => setInterval(() => {}, 1_000));
  switch (order.guilt) {
    case "exit":
      return process.exit(3);
    case "exit later":
      setTimeout(() => process.exit(3), 1);
      return end(order);
    case "throw later":
      setTimeout(() => {
        throw new Error(`${order.call} throws later`);
      }, 0);
      return never;
    case "reject later":
      void Promise.reject(new Error(`${order.call} rejects and nobody listens`));
      return never;
    case "loop":
      for (;;);
    case "leak":
      return leak(order);
    default:
      return never;
  }
}

async function leak(order: Order): Promise<unknown> {
  const kept: Uint8Array[] = [];
  while (kept.length < LEAK_STEPS) {
    kept.push(new Uint8Array(LEAK_STEP).fill(1));
    await sleep(10);
  }
  return end(order);
}
