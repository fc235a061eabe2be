/**
 * Plays one program: makes its pools, does its steps one after another, waits for every call, ends the pools, and looks at
 * what came of it all. Owns the order of this; what is right is said by the checks.
 */
import { rmSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import {
  barrennessOf,
  countFaults,
  isCall,
  isFault,
  type PoolSpec,
  type Program,
  type Step,
} from "../program.ts";
import { type CallRecord, makeCalls, type PoolRecord } from "./calls.ts";
import { checkCalls } from "./checks.ts";
import { commitFault, type FaultHelp } from "./faults.ts";
import { isRunning } from "./holdings.ts";
import { Journal } from "./journal.ts";
import type { Breach, Played } from "./messages.ts";
import { Silence } from "./silence.ts";
import { Sources } from "./sources.ts";
import { Watch } from "./watch.ts";
import type { Data } from "./work.ts";

export type CreatePool = typeof import("@reapool/node").createPool;

export interface Stage extends FaultHelp {
  readonly createPool: CreatePool;
  /** ms without anything after which what has not settled hangs. */
  readonly silence: number;
  /** Where journals are kept: not where the pool has its files. */
  readonly folder: string;
  /** Unhandled rejections and uncaught errors so far, of this process. */
  readonly unhandled: string[];
}

const WORK = new URL("./work.ts", import.meta.url);
/** Each one is a ms longer than the one before: some seconds in all. */
const REST_TURNS = 80;
let programs = 0;

export async function play(program: Program, stage: Stage): Promise<Played> {
  return new Play(program, stage).toEnd();
}

class Play {
  readonly #program: Program;
  readonly #stage: Stage;
  readonly #silence: Silence;
  readonly #file: string;
  readonly #pools: PoolRecord[] = [];
  readonly #watches: Watch[] = [];
  readonly #calls: CallRecord[] = [];
  /** What `resize()` and its like have promised, by the name of the step. */
  readonly #promised = new Map<Promise<unknown>, string>();
  readonly #settled = new Map<CallRecord, Promise<void>>();
  readonly #sources = new Sources();
  readonly #breaches: Breach[] = [];
  readonly #skipped: string[] = [];
  readonly #isDeadly: boolean;

  constructor(program: Program, stage: Stage) {
    this.#program = program;
    this.#stage = stage;
    this.#silence = new Silence(stage.silence);
    this.#file = join(stage.folder, `journal-${process.pid}-${++programs}`);
    this.#isDeadly = countFaults(program) > 0;
  }

  async toEnd(): Promise<Played> {
    for (const spec of this.#program.pools) this.#makePool(spec);
    const isOver = await this.#silence.over(this.#playSteps());
    if (isOver) await this.#atRest();
    else this.#tellHanging();
    await this.#endPools(isOver);
    await untilNone(() => this.#sources.open.size > 0); // one that is about to give an item ends behind it
    this.#lookBack();
    rmSync(this.#file, { force: true });
    return { breaches: this.#breaches, calls: this.#calls.length, skipped: this.#skipped };
  }

  #makePool(spec: PoolSpec): void {
    const { journal, steps, results } = this.#program;
    const data: Data = {
      ...(journal && { journal: this.#file }),
      emits: steps.some((step) => isCall(step) && step.progress === true),
    };
    const { memoryLimit, ...options } = spec;
    const restart = { backoff: { initial: 10, max: 200 } };
    const limit = memoryLimit === undefined ? {} : { memoryLimit: memoryLimit * 2 ** 20 };
    const worker = { stdout: "ignore", stderr: "ignore", data, ...limit } as const;
    const pool = this.#stage.createPool(WORK, { ...options, restart, worker });
    const record: PoolRecord = {
      spec,
      pool: pool as never,
      isClosing: false,
      isCutShort: false,
      unsettled: 0,
      maps: 0,
    };
    this.#pools.push(record);
    this.#watches.push(new Watch(record, { isDeadly: this.#isDeadly, hearsResults: results === true }));
  }

  async #playSteps(): Promise<void> {
    for (const step of this.#program.steps) {
      await this.#playStep(step);
      this.#silence.break();
    }
    await this.#allSettled();
  }

  /** Undefined where the next step follows in the same turn. */
  #playStep(step: Step): Promise<unknown> | undefined {
    if (isFault(step)) return this.#commit(step);
    switch (step.do) {
      case "wait":
        return new Promise((resolve) => setTimeout(resolve, step.ms));
      case "turn":
        return step.of === "microtask" ? Promise.resolve() : new Promise((resolve) => setTimeout(resolve, 0));
      case "await":
        return step.call === undefined ? this.#allSettled() : this.#settledOf(step.call);
    }
    const index = step.pool ?? 0;
    const [record, watch] = [this.#pools[index], this.#watches[index]];
    if (record === undefined || watch === undefined) return undefined;
    const { pool } = record;
    if (isCall(step)) {
      this.#call(step, record);
      return undefined;
    }
    switch (step.do) {
      case "stats":
        watch.lookAtStats();
        break;
      case "resize":
        watch.mostWorkers = Math.max(watch.mostWorkers, step.to);
        this.#promise("resize()", pool.resize(step.to));
        break;
      case "restart":
        this.#promise("restart()", pool.restart());
        break;
      case "ready":
        this.#promise("ready()", pool.ready());
        break;
      case "close":
        this.#promise("close()", this.#close(record, step.timeout));
        break;
      case "terminate":
        this.#promise("terminate()", this.#terminate(record));
        break;
    }
    return undefined;
  }

  #call(step: Extract<Step, { work: unknown }>, pool: PoolRecord): void {
    const around = { sources: this.#sources, onMove: () => this.#silence.break() };
    for (const { record, settled } of makeCalls(step, pool, around)) {
      this.#calls.push(record);
      this.#settled.set(record, settled);
    }
  }

  async #commit(step: Parameters<typeof commitFault>[0]): Promise<void> {
    const skipped = await commitFault(step, this.#pools, this.#stage);
    if (skipped !== undefined) this.#skipped.push(skipped);
  }

  #close(record: PoolRecord, timeout: number | undefined): Promise<void> {
    record.isClosing = true;
    if (timeout !== undefined) record.isCutShort = true;
    return record.pool.close(timeout === undefined ? undefined : { timeout });
  }

  #terminate(record: PoolRecord): Promise<void> {
    record.isClosing = true;
    record.isCutShort = true;
    return record.pool.terminate();
  }

  /** It must settle; that it may reject is another's matter. */
  #promise(what: string, promised: Promise<unknown>): void {
    const settled: Promise<void> = promised.then(
      () => void this.#promised.delete(settled),
      () => void this.#promised.delete(settled),
    );
    this.#promised.set(settled, what);
  }

  async #settledOf(id: number): Promise<void> {
    const records = [...this.#settled].filter(([{ step }]) => step.id === id);
    await Promise.all(records.map(([, settled]) => settled));
  }

  async #allSettled(): Promise<void> {
    await Promise.all([...this.#settled.values(), ...this.#promised.keys()]);
  }

  /** Before the end of the pools, which settles them too. */
  #tellHanging(): void {
    for (const record of this.#calls) record.isHanging = record.outcome === undefined;
    for (const what of this.#promised.values()) {
      this.#breaches.push({ kind: "hang", what, expected: "it to settle", received: "nothing" });
    }
  }

  /** What is told of a call may come a turn behind it, and a worker that still starts makes calls of its own. */
  async #atRest(): Promise<void> {
    await untilNone(() => this.#pools.some(({ pool }) => pool.stats().pending > 0));
    for (const watch of this.#watches) watch.lookAtRest();
  }

  async #endPools(isOver: boolean): Promise<void> {
    this.#sources.letGo();
    const isTerminated = this.#program.end === "terminate" || !isOver;
    const ends = this.#pools.map((record) =>
      isTerminated ? this.#terminate(record) : this.#close(record, undefined),
    );
    if (await this.#silence.over(Promise.all(ends))) {
      for (const watch of this.#watches) watch.lookAtEnd();
      return;
    }
    const what = isTerminated ? "terminate() at the end" : "close() at the end";
    const stats = JSON.stringify(this.#pools.map(({ pool }) => ({ ...pool.stats(), workers: undefined })));
    this.#breaches.push({ kind: "hang", what, expected: "it to settle", received: stats });
  }

  #lookBack(): void {
    const journal = this.#program.journal ? Journal.read(this.#file) : undefined;
    this.#breaches.push(
      ...checkCalls(this.#calls, {
        journal,
        isDeadly: this.#isDeadly,
        ...barrennessOf(this.#program),
        mostWorkers: ({ pool }) => this.#watches[this.#pools.indexOf(pool)]?.mostWorkers ?? 0,
      }),
      ...this.#watches.flatMap(({ breaches }) => breaches),
    );
    for (const pid of journal?.processes ?? []) {
      if (!isRunning(pid)) continue;
      const received = `process ${pid}`;
      this.#breaches.push({
        kind: "processes",
        what: "host",
        expected: "nothing that workers started",
        received,
      });
    }
    for (const call of this.#sources.open) {
      this.#breaches.push({
        kind: "source",
        what: `source of ${call}`,
        expected: "its end",
        received: "none",
      });
    }
    for (const what of this.#stage.unhandled.splice(0)) {
      this.#breaches.push({ kind: "unhandled", what: "host", expected: "nothing unhandled", received: what });
    }
  }
}

/** A turn later at the earliest, some seconds at most. */
async function untilNone(isLeft: () => boolean): Promise<void> {
  for (let turn = 0; turn === 0 || (turn < REST_TURNS && isLeft()); turn++) {
    await new Promise((resolve) => setTimeout(resolve, turn));
  }
}
