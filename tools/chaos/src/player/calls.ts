/**
 * Makes the calls of a program and records their outcomes. Owns the record of a call; checks.ts decides whether it is
 * right.
 */
import { getEventListeners } from "node:events";
import type { CallStep, PoolSpec } from "../program.ts";
import { type Adapter, adapter } from "./adapter.ts";
import { clock } from "./journal.ts";
import type { Sources } from "./sources.ts";
import type { Order } from "./work.ts";

type Pool = ReturnType<Adapter["createPool"]>;

/** A pool as the program knows it. */
export interface PoolRecord {
  readonly spec: PoolSpec;
  readonly pool: Pool;
  isClosing: boolean;
  /** It was told not to wait for calls, or not for long. */
  isCutShort: boolean;
  unsettled: number;
  /** How many of them are open-ended: each may be any number of calls. */
  maps: number;
}

type Outcome = { readonly value: unknown } | { readonly error: unknown };

export interface CallRecord {
  readonly name: string;
  readonly step: CallStep;
  readonly pool: PoolRecord;
  readonly madeAt: number;
  /** The pool was closing when the call was made. */
  readonly wasClosing: boolean;
  /** Calls of its pool that had not settled when it was made. */
  readonly before: number;
  readonly signal: AbortSignal | undefined;
  readonly items: unknown[];
  readonly progress: unknown[];
  /** Progress that came after it had settled. */
  lateProgress: number;
  /** Its consumer took all it wanted. */
  isLeft: boolean;
  /** It had not settled after too long a silence; any later outcome does not count. */
  isHanging: boolean;
  outcome?: Outcome;
  settledAt?: number;
  /** When it settled. */
  wasAborted?: boolean;
  wasClosingAtEnd?: boolean;
  wasCutShort?: boolean;
  /** The buffer that it gave the task to write into. */
  shared?: Uint8Array | undefined;
}

export interface MadeCall {
  readonly record: CallRecord;
  /** Never rejects. */
  readonly settled: Promise<void>;
}

export interface CallSurroundings {
  readonly sources: Sources;
  /** Reports that something has arrived. */
  onMove(): void;
}

const SHARED_BYTES = 4096;
/** Those with an export of their own, in ms. */
const DURATIONS = new Set([0, 0.1, 0.6, 2, 5]);

/** Makes a step's call or calls, in this turn. */
export function makeCalls(step: CallStep, pool: PoolRecord, around: CallSurroundings): MadeCall[] {
  const controller = step.abort === undefined ? undefined : new AbortController();
  const reason = abortReason(step);
  if (step.abort === "before") controller?.abort(reason);
  const count = step.do === "run" ? (step.times ?? 1) : 1;
  const made: MadeCall[] = [];
  for (let i = 0; i < count; i++) {
    const name = step.times === undefined ? `${step.id}` : `${step.id}.${i}`;
    made.push(makeCall(name, step, pool, controller?.signal, around));
  }
  if (controller !== undefined && typeof step.abort === "number") {
    if (step.abort === 0) controller.abort(reason);
    else setTimeout(() => controller.abort(reason), step.abort);
  }
  return made;
}

export const abortReason = ({ id }: CallStep): string => `${id} is not wanted`;

export const listenersOf = ({ signal }: CallRecord): number =>
  signal === undefined ? 0 : getEventListeners(signal, "abort").length;

function makeCall(
  name: string,
  step: CallStep,
  pool: PoolRecord,
  signal: AbortSignal | undefined,
  around: CallSurroundings,
): MadeCall {
  const record: CallRecord = {
    name,
    step,
    pool,
    signal,
    madeAt: clock(),
    wasClosing: pool.isClosing,
    before: pool.maps > 0 ? Number.POSITIVE_INFINITY : pool.unsettled,
    items: [],
    progress: [],
    lateProgress: 0,
    isLeft: false,
    isHanging: false,
  };
  pool.unsettled++;
  if (step.do === "map") pool.maps++;
  const settle = (outcome: Outcome): void => {
    pool.unsettled--;
    if (step.do === "map") pool.maps--;
    record.outcome = outcome;
    record.settledAt = clock();
    record.wasAborted = signal?.aborted === true;
    record.wasClosingAtEnd = pool.isClosing;
    record.wasCutShort = pool.isCutShort;
    around.onMove();
  };
  const settled = start(record, around).then(
    (value) => settle({ value }),
    (error: unknown) => settle({ error }),
  );
  return { record, settled };
}

/** Starts in this turn. */
function start(record: CallRecord, around: CallSurroundings): Promise<unknown> {
  const { step, pool, name } = record;
  const options = optionsOf(record);
  const order: Order = { ...step.work, call: name };
  const { reads } = step.work;
  const args: unknown[] = [order];
  if (reads !== undefined) args.push(around.sources.input(reads, name));
  if (step.work.gives === "shared") {
    record.shared = sharedView();
    if (record.shared !== undefined) args.push(record.shared);
  }
  switch (step.do) {
    case "run":
      return pool.pool.run(exportOf(step) as never, args as never, options as never);
    case "broadcast":
      return pool.pool.broadcast(exportOf(step) as never, args as never, options as never);
    case "stream":
      return consume(
        pool.pool.stream(exportOf(step) as never, args as never, options as never),
        record,
        around,
      );
    case "map": {
      const lists = (i: number): readonly unknown[] => [itemOrder(step, name, i)];
      const source = around.sources.argumentLists(step.source ?? { of: "array", items: 0 }, name, lists);
      return consume(
        pool.pool.map(exportOf(step) as never, source as never, options as never),
        record,
        around,
      );
    }
  }
}

/** The task of one item of a `map`. */
function itemOrder({ work, source }: CallStep, name: string, index: number): Order {
  const bad = source?.bad;
  const isBad = bad !== undefined && index % bad === bad - 1;
  return { ...work, ...(isBad && { throws: "error" }), call: `${name}.${index}` };
}

function optionsOf(record: CallRecord): object {
  const { step, signal } = record;
  const { retries, ...options } = step.options ?? {};
  const always = { limit: retries, when: () => true, backoff: { initial: 1, factor: 1 } };
  const onProgress = (value: unknown): void => {
    record.progress.push(value);
    if (record.outcome !== undefined) record.lateProgress++;
  };
  return {
    ...options,
    ...(retries !== undefined && { retries: always }),
    ...(signal !== undefined && { signal }),
    ...(step.progress && { onProgress }),
  };
}

/** Uses its own export if its duration has one, so that the pool learns how long it takes. */
function exportOf({ do: kind, work }: CallStep): string {
  if (kind === "stream") return work.reads !== undefined ? "readItems" : work.asleep ? "itemsLater" : "items";
  if (work.reads !== undefined) return "read";
  const { ms = 0 } = work;
  return work.own && DURATIONS.has(ms) ? `act${String(ms).replace(".", "")}` : "act";
}

async function consume(
  iterator: AsyncIterableIterator<unknown>,
  record: CallRecord,
  { onMove }: CallSurroundings,
): Promise<unknown> {
  const { items, step } = record;
  if (step.unread) return undefined;
  for (;;) {
    if (items.length === step.take) {
      record.isLeft = true;
      await iterator.return?.();
      return undefined;
    }
    const result = await iterator.next();
    if (result.done === true) return result.value;
    items.push(result.value);
    onMove();
    if (step.slow !== undefined) await new Promise((resolve) => setTimeout(resolve, step.slow));
  }
}

/** Undefined if this runtime can't share memory, or has no descriptor left. */
function sharedView(): Uint8Array | undefined {
  try {
    return new Uint8Array(adapter.createSharedBuffer(SHARED_BYTES));
  } catch {
    return undefined;
  }
}
