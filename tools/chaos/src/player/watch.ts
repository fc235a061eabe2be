/**
 * Watches one pool while a program is played: its events, its counts and its processes. Owns what must hold at every
 * moment, whatever happens to the calls.
 */
import { existsSync } from "node:fs";
import type { PoolRecord } from "./calls.ts";
import type { Breach } from "./messages.ts";

/** Why a worker may end if nothing goes wrong. */
const PEACEFUL: readonly string[] = ["closed", "terminated", "idle", "recycled", "restarted", "resized"];
/** Tasks here end long before this; a busy machine may still take this long. */
const PATIENT_MS = 1_000;

export class Watch {
  readonly breaches: Breach[] = [];
  /** Of all workers there were. */
  readonly pids: Set<number> = new Set();
  mostWorkers: number;
  wasReady = false;
  readonly #record: PoolRecord;
  readonly #isDeadly: boolean;
  readonly #live = new Map<string, number>();
  #resolved = 0;
  #rejected = 0;
  readonly #hearsResults: boolean;

  constructor(record: PoolRecord, { isDeadly, hearsResults }: { isDeadly: boolean; hearsResults: boolean }) {
    this.#record = record;
    this.#isDeadly = isDeadly;
    this.#hearsResults = hearsResults;
    this.mostWorkers = record.spec.maxWorkers;
    const { pool } = record;
    pool.on("start", ({ worker }) => this.#onStart(worker.id, worker.pid));
    pool.on("ready", () => {
      this.wasReady = true;
    });
    pool.on("exit", ({ worker, reason }) => this.#onExit(worker.id, worker.pid, reason));
    if (hearsResults) {
      pool.on("result", ({ error }) => {
        if (error === undefined) this.#resolved++;
        else this.#rejected++;
      });
    }
  }

  #onStart(id: number, pid: number | undefined): void {
    const key = `${id} ${pid}`;
    if (this.#live.has(key)) this.#add("events", "one start of a worker", `another of worker ${key}`);
    this.#live.set(key, id);
    if (pid !== undefined) this.pids.add(pid);
    if (new Set(this.#live.values()).size < this.#live.size) {
      this.#add("events", "live workers with an id each", [...this.#live.keys()].join(", "));
    }
    this.#countProcesses();
  }

  #onExit(id: number, pid: number | undefined, reason: string): void {
    if (!this.#live.delete(`${id} ${pid}`)) this.#add("events", "an exit behind its start", `${id} ${pid}`);
    if (pid !== undefined && existsSync(`/proc/${pid}`)) {
      this.#add("processes", "a worker to be gone when its exit is told", `process ${pid}`);
    }
    const { killTimeout = PATIENT_MS } = this.#record.spec;
    const isPatient = killTimeout >= PATIENT_MS && !this.#isDeadly && !this.#record.isCutShort;
    if (isPatient && !PEACEFUL.includes(reason)) {
      this.#add("events", "no obedient worker to be killed", `an exit, reason ${reason}`);
    }
  }

  /** According to the operating system, not the pool. */
  #countProcesses(): void {
    const there = [...this.pids].filter((pid) => existsSync(`/proc/${pid}`)).length;
    if (there > this.mostWorkers) {
      this.#add("processes", `at most ${this.mostWorkers} processes`, `${there}`);
    }
  }

  lookAtStats(): void {
    const stats = this.#record.pool.stats();
    const { live, starting, idle, busy, stopping, pending, queued, running, submitted, completed, failed } =
      stats;
    const sums =
      live === starting + idle + busy + stopping &&
      pending === queued + running &&
      submitted === completed + failed + pending;
    const counts = {
      live,
      starting,
      idle,
      busy,
      stopping,
      pending,
      queued,
      running,
      submitted,
      completed,
      failed,
    };
    const isCounted = Object.values(counts).every((count) => Number.isInteger(count) && count >= 0);
    if (!sums || !isCounted) this.#add("stats", "counts from 0 on that add up", JSON.stringify(counts));
    if (live > this.mostWorkers) this.#add("stats", `at most ${this.mostWorkers} live`, `${live}`);
    this.#countProcesses();
  }

  /** All calls have settled. */
  lookAtRest(): void {
    this.lookAtStats();
    const { pending, queued, running, completed, failed } = this.#record.pool.stats();
    if (pending + queued + running > 0) {
      this.#add("stats", "no pending call at rest", JSON.stringify({ pending, queued, running }));
    }
    if (this.#hearsResults && (completed !== this.#resolved || failed !== this.#rejected)) {
      const expected = `${this.#resolved} completed and ${this.#rejected} failed, as was told`;
      this.#add("stats", expected, `${completed} and ${failed}`);
    }
  }

  /** The pool has ended. */
  lookAtEnd(): void {
    const { live } = this.#record.pool.stats();
    if (live > 0) this.#add("stats", "no live worker at the end", `${live}`);
    if (this.#live.size > 0)
      this.#add("events", "an exit for each start", `none of ${[...this.#live.keys()]}`);
    for (const pid of this.pids) {
      if (existsSync(`/proc/${pid}`)) this.#add("processes", "no worker at the end", `process ${pid}`);
    }
  }

  #add(kind: Breach["kind"], expected: string, received: string): void {
    if (this.breaches.length < MOST) this.breaches.push({ kind, what: "pool", expected, received });
  }
}

/** A breach often repeats for the rest of a program. */
const MOST = 5;
