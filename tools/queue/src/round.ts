/** One run of the demo in one runtime: a producer, two hosts, and what kills them. Owns the faults and when it is over. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Engine } from "@reapool/engines";
import { pause } from "@reapool/measuring/numbers";
import { Random } from "@reapool/measuring/random";
import type { Runtime } from "@reapool/measuring/runtimes";
import { drawFaults } from "./faults.ts";
import { follow, Ledger } from "./ledger.ts";
import { isMarked, killMarked, listMarked, sweep } from "./marked.ts";
import type { Failure, Setup } from "./messages.ts";
import { Player, type Program } from "./player.ts";
import { type HostDeath, type Tally, tallyOf, type WorkerKill } from "./tally.ts";

const HOSTS = 2;
const WORKERS = 2;
const LOCK_MS = 2_000;
/** The slowest job in the slowest runtime on a busy machine, with some deaths in between. */
const DEADLINE_MS = 120_000;
const STEP_MS = 20;
/** Long enough for a host to close, and for what is said to be gone within a second. */
const END_MS = 15_000;
const GRACE_MS = 1_500;

export interface Round extends Tally {
  readonly seconds: number;
  readonly workerKills: number;
  readonly hostKills: number;
  /** Processes that were left when all hosts had ended. */
  readonly left: number;
  readonly failures: readonly Failure[];
}

export interface Progress {
  readonly done: number;
  readonly workerKills: number;
  readonly hostKills: number;
}

export interface RoundOptions {
  readonly runtime: Runtime;
  readonly engine: Engine;
  readonly jobs: number;
  readonly seed: number;
  onProgress(progress: Progress): void;
}

export async function playRound(options: RoundOptions): Promise<Round> {
  const folder = mkdtempSync(join(tmpdir(), "queue-"));
  const removeFolder = () => rmSync(folder, { recursive: true, force: true });
  process.once("exit", removeFolder);
  try {
    return await new Stage(options, join(folder, "ledger")).play();
  } finally {
    sweep();
    process.off("exit", removeFolder);
    removeFolder();
  }
}

class Stage {
  readonly #options: RoundOptions;
  readonly #ledgerFile: string;
  readonly #setup: Setup;
  readonly #random: Random;
  readonly #ledger = new Ledger();
  readonly #readLedger: () => void;
  readonly #deaths: HostDeath[] = [];
  readonly #hosts: Player[] = [];
  /** Hosts that do not yet take jobs. */
  readonly #starting = new Map<Player, Promise<unknown>>();
  #hostsStarted = 0;
  readonly #workerKills: WorkerKill[] = [];
  #problem: unknown;

  constructor(options: RoundOptions, ledgerFile: string) {
    const { engine, jobs, seed } = options;
    this.#options = options;
    this.#ledgerFile = ledgerFile;
    this.#random = new Random(seed, 2);
    this.#setup = {
      engine: engine.kind,
      url: engine.url,
      queue: `demo-${process.pid}-${Date.now()}`,
      jobs,
      seed,
      workers: WORKERS,
      lockDuration: LOCK_MS,
    };
    writeFileSync(ledgerFile, "");
    this.#readLedger = follow(ledgerFile, this.#ledger);
  }

  async play(): Promise<Round> {
    const producer = this.#start("producer", "producer");
    await producer.message("ready");
    for (let i = 0; i < HOSTS; i++) this.#startHost();
    await Promise.all(this.#starting.values());
    const begun = performance.now();
    const isOver = await this.#killUntilDone(producer, begun + DEADLINE_MS);
    const seconds = (performance.now() - begun) / 1_000;
    if (!isOver) producer.tell("enough");
    const { completed, failures } = await producer.message("done");
    await producer.ended;
    await this.#end();
    return { ...this.#tally(completed), seconds, failures, left: await countLeft() };
  }

  #start(program: Program, name: string): Player {
    const { runtime } = this.#options;
    return new Player({ runtime, program, name, setup: this.#setup, ledger: this.#ledgerFile });
  }

  #startHost(): void {
    const host = this.#start("host", `host-${++this.#hostsStarted}`);
    this.#hosts.push(host);
    const ready = host.message("ready").then(
      () => this.#starting.delete(host),
      (error) => {
        this.#problem ??= error;
      },
    );
    this.#starting.set(host, ready);
  }

  /** @returns false if it took too long. */
  async #killUntilDone(producer: Player, deadline: number): Promise<boolean> {
    const { jobs, onProgress } = this.#options;
    const { hosts, workers } = drawFaults(this.#random);
    for (;;) {
      if (this.#problem !== undefined) throw this.#problem;
      this.#readLedger();
      const done = producer.counts.completed + producer.counts.failed;
      onProgress({ done, workerKills: this.#workerKills.length, hostKills: this.#deaths.length });
      if (done >= jobs) return true;
      if (performance.now() > deadline) return false;
      if (done / jobs > (hosts[0] ?? 1) && (await this.#killHost())) hosts.shift();
      if (done / jobs > (workers[0] ?? 1) && this.#killWorker()) workers.shift();
      await pause(STEP_MS);
    }
  }

  /** One that takes jobs, and another is started in its place. */
  async #killHost(): Promise<boolean> {
    const up = this.#hosts.filter((host) => !this.#starting.has(host));
    if (up.length === 0) return false;
    const host = this.#random.pick(up);
    this.#hosts.splice(this.#hosts.indexOf(host), 1);
    const at = Date.now();
    await host.kill();
    this.#deaths.push({ host: host.name, at });
    this.#startHost();
    return true;
  }

  /** One that has a job under way. */
  #killWorker(): boolean {
    const live = new Set(this.#hosts.map(({ name }) => name));
    const busy = [...this.#ledger.unfinished].filter(({ host, pid }) => live.has(host) && isMarked(pid));
    if (busy.length === 0) return false;
    const { pid } = this.#random.pick(busy);
    const isKilled = killMarked(pid);
    if (isKilled) this.#workerKills.push({ pid, at: Date.now() });
    return isKilled;
  }

  async #end(): Promise<void> {
    await Promise.all(this.#starting.values());
    for (const host of this.#hosts) host.signal("SIGTERM");
    await Promise.race([Promise.all(this.#hosts.map(({ ended }) => ended)), pause(END_MS)]);
    for (const host of this.#hosts) host.signal("SIGKILL");
  }

  #tally(completed: readonly string[]) {
    this.#readLedger();
    const [hostDeaths, workerKills] = [this.#deaths, this.#workerKills];
    const tally = tallyOf({
      jobs: this.#options.jobs,
      runs: this.#ledger.runs,
      hostDeaths,
      workerKills,
      completed,
    });
    return { ...tally, workerKills: workerKills.length, hostKills: hostDeaths.length };
  }
}

async function countLeft(): Promise<number> {
  const deadline = performance.now() + GRACE_MS;
  while (listMarked().length > 0 && performance.now() < deadline) await pause(STEP_MS);
  return listMarked().length;
}
