/**
 * The leases of a host's workers: while calls run in a worker that has one, this host gives signs of life, and a keeper, a shell
 * beside the worker, kills it when they stay out for that long. Owns when there is a keeper and when the host gives signs;
 * keeper-script.ts is what the keeper does, lease-table.ts what it reads.
 *
 * One timer and one keeper for all workers of the host, and neither where no call runs. What is held is written, and the
 * keeper started, before the call leaves: however soon the host is stopped, the lease runs.
 */
import type { Exit, Runtime, Timer, WorkerProcess } from "../port/runtime.ts";
import type { Guard } from "./guard.ts";
import { KEEPER_SCRIPT } from "./keeper-script.ts";
import { LeaseTable, type LeaseTerms } from "./lease-table.ts";
import { OUTLIVES } from "./mark.ts";
import { Safeguard } from "./safeguard.ts";

/** From one sign of life, and from one look of the keeper's, to the next: a part of the shortest lease, and so long at most, in ms. */
const PART_OF_LEASE = 4;
const LONGEST_PAUSE_MS = 1_000;
/** How long to wait for the keeper's end, in ms. */
const END_MS = 500;

/** One worker's, from its start to its end. */
export interface Lease {
  /** Calls run: it may not outlive the host's silence from now on. Call it before the first of them leaves. */
  hold(): void;
  /** No call runs any more: the host may be silent for as long as it likes. */
  rest(): void;
  /** The worker has ended. Returns why, if its lease had run out. */
  end(exit: Exit): Error | undefined;
}

interface Held {
  readonly ms: number;
  readonly onLapsed: (error: Error) => void;
}

type LeaseRuntime = Pick<
  Runtime,
  "now" | "startTimer" | "afterTurn" | "openFile" | "readFile" | "removeFile" | "warn"
>;

export class Leases {
  readonly #runtime: LeaseRuntime;
  readonly #safeguard: Safeguard;
  readonly #spawn: Runtime["spawn"];
  readonly #guard: Pick<Guard, "add" | "remove" | "startOf">;
  readonly #mark: string;
  readonly #findFolder: () => string | undefined;
  readonly #table = new LeaseTable();
  /** Of those whose calls run. */
  readonly #held = new Set<Held>();
  /** The folder the table is in, and what the keeper leaves there. */
  #folder: string | undefined;
  #keeper: WorkerProcess | undefined;
  /** That and earlier ones, which leave by themselves. */
  readonly #keepers = new Set<WorkerProcess>();
  #number = 0;
  /** Of the time between two signs; Infinity while there is no keeper. */
  #pause = Number.POSITIVE_INFINITY;
  #timer: Timer | undefined;
  /** When it gave the last sign of life. */
  #beatAt = 0;
  /** A call was sent since the last look. */
  #wasUsed = false;
  #onKeepersEnd: (() => void) | undefined;

  /**
   * @param mark The name of the variable that marks the workers.
   * @param findFolder Where the host's folder is by now.
   */
  constructor(
    runtime: LeaseRuntime,
    spawn: Runtime["spawn"],
    guard: Pick<Guard, "add" | "remove" | "startOf">,
    mark: string,
    findFolder: () => string | undefined,
  ) {
    this.#runtime = runtime;
    this.#safeguard = new Safeguard(runtime, warning);
    this.#spawn = spawn;
    this.#guard = guard;
    this.#mark = mark;
    this.#findFolder = findFolder;
  }

  /**
   * The lease of a worker that has just been started and is on the guard's table.
   *
   * @param onLapsed This process finds that it was silent for too long: the worker must be killed.
   */
  add({ group, ending, ms }: Omit<LeaseTerms, "start">, onLapsed: (error: Error) => void): Lease {
    const line = this.#safeguard.attempt(() =>
      this.#table.add({ group, ending, ms, start: this.#guard.startOf(group) }),
    );
    const own: Held = { ms, onLapsed };
    return {
      hold: () => {
        if (line === undefined || this.#held.has(own)) return;
        this.#held.add(own);
        this.#wasUsed = true;
        this.#safeguard.attempt(() => {
          if (pauseFor(ms) < this.#pause) this.#wake(ms);
          this.#table.hold(line, true);
          this.#beat();
        });
      },
      rest: () => {
        if (line !== undefined && this.#held.delete(own))
          this.#safeguard.attempt(() => this.#table.hold(line, false));
      },
      end: ({ signal }) => {
        this.#held.delete(own);
        if (line !== undefined) this.#safeguard.attempt(() => this.#table.remove(line));
        return signal === "SIGKILL" && this.#wasKilled(group) ? lapsed(ms) : undefined;
      },
    };
  }

  /** The last pool is closed. Resolves when no keeper is left, or soon. */
  close(): Promise<void> {
    this.#sleep();
    if (this.#keepers.size === 0) return Promise.resolve();
    return new Promise((resolve) => {
      const deadline = this.#runtime.startTimer(END_MS, resolve);
      this.#onKeepersEnd = () => {
        deadline.cancel();
        resolve();
      };
      for (const keeper of this.#keepers) keeper.signal("SIGKILL"); // one that this host may not signal leaves by itself
    });
  }

  #wake(ms: number): void {
    this.#pause = pauseFor(ms);
    this.#startKeeper();
    this.#timer?.cancel();
    this.#timer = this.#runtime.startTimer(this.#pause, () => this.#look());
  }

  #sleep(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#pause = Number.POSITIVE_INFINITY;
    this.#safeguard.attempt(() => this.#table.close());
  }

  /** The last one leaves by itself: it may be about to kill. */
  #startKeeper(): void {
    const folder = this.#findFolder();
    if (folder === undefined) return;
    this.#folder = folder;
    this.#table.open(this.#runtime.openFile(`${folder}/leases`), ++this.#number);
    const seconds = String(this.#pause / 1_000);
    const keeper = this.#spawn(
      {
        file: "/bin/sh",
        args: [
          ...["-c", KEEPER_SCRIPT, "reapool-keeper", folder, this.#mark],
          ...[String(this.#number), seconds, String(this.#pause)],
        ],
        env: OUTLIVES, // the host may be a worker itself: what looks for its remains spares the keeper
        cwd: "/",
        stdout: "ignore",
        stderr: "ignore",
      },
      { onOutput: () => {}, onOutputEnd: () => {}, onExit: (exit) => this.#onExit(keeper, exit) },
    );
    this.#keeper = keeper;
    this.#keepers.add(keeper);
    if (keeper.pid !== undefined) this.#guard.add(keeper.pid, false); // it ends with the host
  }

  #onExit(keeper: WorkerProcess, exit: Exit): void {
    if (keeper.pid !== undefined) this.#guard.remove(keeper.pid);
    if (exit.error !== undefined) this.#safeguard.warn(exit.error);
    this.#keepers.delete(keeper);
    if (this.#keeper === keeper) this.#keeper = undefined;
    if (this.#keepers.size > 0) return;
    this.#onKeepersEnd?.();
    this.#onKeepersEnd = undefined;
  }

  #look(): void {
    this.#timer = this.#runtime.startTimer(this.#pause, () => this.#look());
    const silence = this.#runtime.now() - this.#beatAt;
    const late = [...this.#held].filter(({ ms }) => silence >= ms);
    if (late.length === 0) this.#goOn();
    else {
      // The worker may have answered meanwhile: what has come is read first.
      this.#runtime.afterTurn(() => {
        for (const own of late) if (this.#held.has(own)) own.onLapsed(lapsed(own.ms, silence));
        if (this.#timer !== undefined) this.#goOn();
      });
    }
  }

  #goOn(): void {
    if (this.#held.size === 0 && !this.#wasUsed) {
      this.#sleep();
      return;
    }
    this.#wasUsed = false;
    this.#safeguard.attempt(() => {
      if (this.#keeper === undefined) this.#startKeeper(); // something has killed it
      this.#beat();
    });
  }

  #beat(): void {
    this.#beatAt = this.#runtime.now();
    this.#table.beat();
  }

  #wasKilled(group: number): boolean {
    const path = `${this.#folder}/lapsed-${group}`;
    if (this.#folder === undefined || this.#runtime.readFile(path) === undefined) return false;
    this.#runtime.removeFile(path);
    return true;
  }
}

const warning = (reason: string): string =>
  `reapool: \`worker.lease\` can't be kept (${reason}): a worker goes on while this process is stopped. It needs ` +
  "/bin/sh (on Deno the permission to run it) and some space in TMPDIR";

function pauseFor(ms: number): number {
  return Math.min(Math.floor(ms / PART_OF_LEASE), LONGEST_PAUSE_MS);
}

function lapsed(ms: number, silence?: number): Error {
  const received = silence === undefined ? "none" : `none for ${Math.round(silence)} ms`;
  return new Error(
    `Expected a sign of life of the host within each ${ms} ms (worker.lease) while a call ran, received ${received}. The host was ` +
      "stopped, or a computation blocked its event loop: move that into a task, or make the lease longer than the longest such " +
      "standstill",
  );
}
