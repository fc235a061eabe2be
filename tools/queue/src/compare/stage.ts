/**
 * What a row of the comparison plays on: a queue of its own, hosts of one side, and what can be seen of jobs and processes from
 * outside. Owns that nothing is left of it.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Engine } from "@reapool/engines";
import { commandOf } from "@reapool/measuring/marked";
import { pause } from "@reapool/measuring/numbers";
import type { Runtime } from "@reapool/measuring/runtimes";
import { type JobsOptions, Queue } from "bullmq";
import { follow, Ledger, type Run } from "../ledger.ts";
import { listMarked, sweep } from "../marked.ts";
import { BROKEN, type Setup, type Trial } from "../messages.ts";
import { Player } from "../player.ts";
import { backendOf, connectionOf } from "../players/connect.ts";
import { readCpu } from "./look.ts";

const LOCK_MS = 2_000;
const STEP_MS = 20;
/** A busy loop shows within it, on a busy machine too. */
const CPU_LOOK_MS = 600;
/** Nothing that still comes takes so long. */
const DEADLINE_MS = 60_000;

export interface StageOptions {
  readonly side: Trial["side"];
  readonly runtime: Runtime;
  readonly engine: Engine;
  readonly number: number;
}

export interface Seen {
  readonly state: string;
  readonly attemptsMade: number;
  readonly reason: string | undefined;
  /** The first line of why each of its attempts failed. */
  readonly failures: readonly string[];
}

export class Stage {
  readonly side: Trial["side"];
  readonly queue: Queue;
  readonly brokenFile: string;
  readonly #options: StageOptions;
  readonly #folder: string = mkdtempSync(join(tmpdir(), "queue-"));
  readonly #ledger = new Ledger();
  readonly #readLedger: () => void;
  readonly #setup: Setup;
  #hosts = 0;

  readonly #removeFolder = (): void => rmSync(this.#folder, { recursive: true, force: true });

  constructor(options: StageOptions) {
    this.#options = options;
    this.side = options.side;
    const { engine, number, side } = options;
    this.#setup = {
      ...{ engine: engine.kind, url: engine.url, queue: `compare-${process.pid}-${number}-${side}` },
      ...{ jobs: 0, seed: 0, workers: 2, lockDuration: LOCK_MS },
    };
    this.queue = new Queue(
      this.#setup.queue,
      { connection: connectionOf(this.#setup) } as never,
      backendOf(this.#setup) as never,
    );
    this.queue.on("error", () => {});
    process.once("exit", this.#removeFolder);
    this.brokenFile = join(this.#folder, "broken");
    writeFileSync(this.#ledgerFile, "");
    this.#readLedger = follow(this.#ledgerFile, this.#ledger);
  }

  get #ledgerFile(): string {
    return join(this.#folder, "ledger");
  }

  async startHost(limits: Omit<Trial, "side"> = {}, workers = 2): Promise<Player> {
    const host = new Player({
      ...{ runtime: this.#options.runtime, program: "compared-host", name: `host-${++this.#hosts}` },
      setup: { ...this.#setup, workers, trial: { side: this.side, ...limits } },
      ledger: this.#ledgerFile,
      env: { [BROKEN]: this.brokenFile },
    });
    await host.message("ready");
    return host;
  }

  async add(deed: string, id: string, order: object = {}, options: JobsOptions = {}): Promise<void> {
    await this.queue.add(deed, { id, ...order }, { jobId: `job-${id}`, ...options });
  }

  /** All that tasks have noted so far. */
  get runs(): readonly Run[] {
    this.#readLedger();
    return this.#ledger.runs;
  }

  /** The run of that job so far, the first or another. */
  async untilStarted(id: string, times = 1): Promise<Run> {
    const runs = () => this.runs.filter(({ job }) => job === id);
    await this.until(() => runs().length >= times, DEADLINE_MS, `job ${id} to start`);
    return runs()[times - 1] as Run;
  }

  async look(id: string): Promise<Seen> {
    const job = await this.queue.getJob(`job-${id}`);
    if (job === undefined) throw new Error(`Expected job ${id} to be there`);
    return {
      state: await job.getState(),
      attemptsMade: job.attemptsMade,
      reason: job.failedReason || undefined,
      failures: (job.stacktrace ?? []).map((stack) => stack.split("\n")[0] ?? ""),
    };
  }

  /** How long until the job is in one of these states, in ms; undefined if that takes longer. */
  async untilState(id: string, states: readonly string[], ms: number): Promise<number | undefined> {
    const begun = performance.now();
    while (performance.now() - begun < ms) {
      if (states.includes((await this.look(id)).state)) return performance.now() - begun;
      await pause(STEP_MS);
    }
    return undefined;
  }

  async until(condition: () => boolean, ms = DEADLINE_MS, what = "it"): Promise<void> {
    const deadline = performance.now() + ms;
    while (!condition()) {
      if (performance.now() > deadline)
        throw new Error(`Expected ${what}: it did not come in ${ms / 1_000} s`);
      await pause(STEP_MS);
    }
  }

  isAlive(pid: number): boolean {
    return readCpu(pid) !== undefined;
  }

  /** Those that have computed for most of a moment. */
  async computing(pids: readonly number[]): Promise<number[]> {
    const before = new Map(pids.map((pid) => [pid, readCpu(pid)]));
    await pause(CPU_LOOK_MS);
    return pids.filter((pid) => {
      const [was, is] = [before.get(pid), readCpu(pid)];
      return was !== undefined && is !== undefined && is - was > 5;
    });
  }

  /** Of what this side has started, without its hosts. */
  left(word = ""): number[] {
    return listMarked().filter((pid) => commandOf(pid).includes(word));
  }

  async close(): Promise<void> {
    sweep();
    await this.queue.obliterate({ force: true }).catch(() => {});
    await this.queue.close();
    process.off("exit", this.#removeFolder);
    this.#removeFolder();
  }

  breakModule(): void {
    writeFileSync(this.brokenFile, "");
  }

  repairModule(): void {
    rmSync(this.brokenFile);
  }
}
