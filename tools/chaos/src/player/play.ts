/**
 * Plays one program: creates its pools, runs its steps one after another, waits for every call, ends the pools, and
 * checks the outcome. If it has several parts, each is checked after it ends, up to the first breach. Owns the order
 * of this; the checks decide what is right.
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
  partsOf,
  type Step,
  stepsOf,
} from "../program.ts";
import { type CallRecord, makeCalls, type PoolRecord } from "./calls.ts";
import { checkAgain, checkCalls, type Happened } from "./checks.ts";
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
  /** After so many ms without anything, whatever has not settled hangs. */
  readonly silence: number;
  /** The folder for journals: not the one where the pool has its files. */
  readonly folder: string;
  /** Unhandled rejections and uncaught errors so far, of this process. */
  readonly unhandled: string[];
}

const WORK = new URL("./work.ts", import.meta.url);
/** Each pause is 1 ms longer than the one before: some seconds in all. */
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
  /** For the part that is being played. */
  #calls: CallRecord[] = [];
  readonly #earlier: CallRecord[] = [];
  #part = 0;
  /** The promises of `resize()` and the like, by the name of the step. */
  readonly #promised = new Map<Promise<unknown>, string>();
  readonly #settled = new Map<CallRecord, Promise<void>>();
  #sources = new Sources();
  readonly #breaches: Breach[] = [];
  readonly #skipped: string[] = [];
  readonly #isDeadly: boolean;

  constructor(program: Program, stage: Stage) {
    this.#program = program;
    this.#stage = stage;
    const isChanging = () =>
      this.#pools.some(({ pool }) => {
        const { starting, stopping } = pool.stats();
        return starting + stopping > 0;
      });
    this.#silence = new Silence(stage.silence, isChanging);
    this.#file = join(stage.folder, `journal-${process.pid}-${++programs}`);
    this.#isDeadly = countFaults(program) > 0;
  }

  async toEnd(): Promise<Played> {
    for (const spec of this.#program.pools) this.#makePool(spec);
    const isOver = await this.#playParts();
    await this.#endPools(isOver);
    await this.#sourcesEnd();
    this.#lookBack("end");
    rmSync(this.#file, { force: true });
    return {
      breaches: this.#breaches,
      programs: this.#part + 1,
      calls: this.#earlier.length + this.#calls.length,
      skipped: this.#skipped,
    };
  }

  /** Checks that everything has ended. The last part is checked after its pools have ended. */
  async #playParts(): Promise<boolean> {
    const parts = partsOf(this.#program);
    for (const [part, steps] of parts.entries()) {
      this.#part = part;
      const isOver = await this.#silence.over(this.#playSteps(steps));
      if (!isOver) {
        this.#tellHanging();
        return false;
      }
      await this.#atRest();
      if (part === parts.length - 1) break;
      this.#sources.letGo();
      await this.#sourcesEnd();
      this.#lookBack("rest");
      this.#earlier.push(...this.#calls);
      this.#calls = [];
      if (this.#breaches.length > 0) break;
      this.#settled.clear();
      this.#sources = new Sources();
    }
    return true;
  }

  /** A source that is about to yield an item ends after it. */
  #sourcesEnd(): Promise<void> {
    return untilNone(() => this.#sources.open.size > 0);
  }

  #makePool(spec: PoolSpec): void {
    const { journal, results } = this.#program;
    const data: Data = {
      ...(journal && { journal: this.#file }),
      emits: stepsOf(this.#program).some((step) => isCall(step) && step.progress === true),
    };
    const { memoryLimit, ...options } = spec;
    const restart = { backoff: { initial: 10, max: 200 } };
    const limit = memoryLimit === undefined ? {} : { limits: { memory: memoryLimit * 2 ** 20 } };
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

  async #playSteps(steps: readonly Step[]): Promise<void> {
    for (const step of steps) {
      await this.#playStep(step);
      this.#silence.break();
    }
    await this.#allSettled();
  }

  /** Undefined if the next step follows in the same turn. */
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

  /** It must settle; whether it may reject is checked elsewhere. */
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

  /** Runs before the pools end, which would settle them too. */
  #tellHanging(): void {
    for (const record of this.#calls) record.isHanging = record.outcome === undefined;
    for (const what of this.#promised.values()) {
      this.#tell({ kind: "hang", what, expected: "it to settle", received: "nothing" });
    }
  }

  /** Events of a call may come a turn after it, and a worker that is still starting makes calls of its own. */
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
    this.#tell({ kind: "hang", what, expected: "it to settle", received: stats });
  }

  #lookBack(when: "rest" | "end"): void {
    const journal = this.#program.journal ? Journal.read(this.#file) : undefined;
    const happened: Happened = {
      journal,
      isDeadly: this.#isDeadly,
      ...barrennessOf(this.#program),
      mostWorkers: ({ pool }) => this.#watches[this.#pools.indexOf(pool)]?.mostWorkers ?? 0,
    };
    this.#tell(...checkCalls(this.#calls, happened));
    for (const { breaches } of this.#watches) this.#tell(...breaches.splice(0));
    if (when === "end") {
      if (this.#breaches.length === 0) this.#tell(...checkAgain(this.#earlier, happened));
      for (const pid of journal?.processes ?? []) {
        if (isRunning(pid)) this.#tellHost("processes", "nothing that workers started", `process ${pid}`);
      }
    }
    for (const call of this.#sources.open) {
      this.#tell({ kind: "source", what: `source of ${call}`, expected: "its end", received: "none" });
    }
    for (const what of this.#stage.unhandled.splice(0)) {
      this.#tellHost("unhandled", "nothing unhandled", what);
    }
  }

  #tellHost(kind: Breach["kind"], expected: string, received: string): void {
    this.#tell({ kind, what: "host", expected, received });
  }

  #tell(...breaches: readonly Breach[]): void {
    for (const breach of breaches) this.#breaches.push({ ...breach, part: this.#part });
  }
}

/** A turn later at the earliest, some seconds at most. */
async function untilNone(isLeft: () => boolean): Promise<void> {
  for (let turn = 0; turn === 0 || (turn < REST_TURNS && isLeft()); turn++) {
    await new Promise((resolve) => setTimeout(resolve, turn));
  }
}
