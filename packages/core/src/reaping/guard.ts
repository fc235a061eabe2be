/**
 * The guard of a host process: a shell that outlives it just long enough to kill its workers. Owns that one
 * process, what it is told, and its replacement when it dies. What it does is guard-script.ts; whose groups are
 * put on its list is process-group.ts.
 *
 * The kernel closes the host's end of its input however the host dies, SIGKILL included. Nothing else reaches
 * a worker in a busy loop, one that ignores SIGTERM or one that is stopped.
 */
import type { Exit, Runtime, Timer, WorkerProcess } from "../port/runtime.ts";
import { GUARD_SCRIPT } from "./guard-script.ts";

/** From the second death in a row on: somebody who kills every guard must not make us spin. In ms. */
const REPLACE_AFTER = [0, 100, 1_000, 10_000];
/** A guard that lived this long was a good one. In ms. */
const PROVEN_MS = 1_000;
/** It ends within a millisecond or two of its input; a stopped one gets SIGKILL after this, and as long again. */
const END_MS = 500;

export class Guard {
  readonly #runtime: Runtime;
  readonly #spawn: Runtime["spawn"];
  readonly #groups = new Set<number>();
  #folder: string | undefined;
  #process: WorkerProcess | undefined;
  #deaths = 0;
  #replacement: Timer | undefined;
  #isOpen = false;
  #hasWarned = false;

  constructor(runtime: Runtime, spawn: Runtime["spawn"]) {
    this.#runtime = runtime;
    this.#spawn = spawn;
  }

  /** Undefined while there is none. */
  get pid(): number | undefined {
    return this.#process?.pid;
  }

  /** Starts it, unless it runs. */
  open(): void {
    if (this.#isOpen) return;
    this.#isOpen = true;
    this.#deaths = 0;
    this.#start();
  }

  /** The folder it removes after the host's death. */
  keepFolder(folder: string): void {
    this.#folder = folder;
    this.#tell(`folder ${folder}\n`);
  }

  /** The group of a worker that has just been started. */
  add(group: number): void {
    this.#groups.add(group);
    this.#tell(`+ ${group}\n`);
  }

  /** At once when a group is empty: from then on its number may be somebody else's. */
  remove(group: number): void {
    if (this.#groups.delete(group)) this.#tell(`- ${group}\n`);
  }

  /** Ends it; resolves when it is gone. */
  close(): Promise<void> {
    this.#isOpen = false;
    this.#groups.clear();
    this.#folder = undefined;
    this.#replacement?.cancel();
    const ending = this.#process;
    this.#process = undefined;
    return ending === undefined ? Promise.resolve() : this.#end(ending);
  }

  readonly #endings = new Map<WorkerProcess, () => void>();

  #end(ending: WorkerProcess): Promise<void> {
    return new Promise((resolve) => {
      let deadline = this.#runtime.startTimer(END_MS, () => {
        ending.signal("SIGKILL");
        deadline = this.#runtime.startTimer(END_MS, resolve);
      });
      this.#endings.set(ending, () => {
        deadline.cancel();
        resolve();
      });
      ending.stdin?.close();
    });
  }

  #start(): void {
    const startedAt = this.#runtime.now();
    const started = this.#spawn(
      {
        file: "/bin/sh",
        args: ["-c", GUARD_SCRIPT, "reapool-guard"],
        env: {},
        cwd: "/", // it must not keep a file system busy
        stdin: "pipe",
        stdout: "ignore",
        stderr: "ignore",
      },
      {
        onOutput: () => {},
        onOutputEnd: () => {},
        onExit: (exit) => this.#onExit(started, exit, startedAt),
      },
    );
    this.#process = started;
    for (const group of this.#groups) this.#tell(`+ ${group}\n`);
    if (this.#folder !== undefined) this.#tell(`folder ${this.#folder}\n`);
  }

  #onExit(process: WorkerProcess, exit: Exit, startedAt: number): void {
    const onEnded = this.#endings.get(process);
    if (onEnded !== undefined) {
      this.#endings.delete(process);
      onEnded();
    }
    if (process !== this.#process) return;
    this.#process = undefined;
    this.#deaths = this.#runtime.now() - startedAt >= PROVEN_MS ? 1 : this.#deaths + 1;
    if (exit.error !== undefined) this.#warnOnce(exit.error);
    const wait = REPLACE_AFTER[this.#deaths - 1];
    if (wait === undefined) return; // it can't be had here
    this.#replacement = this.#runtime.startTimer(wait, () => this.#start());
  }

  #tell(line: string): void {
    this.#process?.stdin?.write(new TextEncoder().encode(line));
  }

  #warnOnce(cause: unknown): void {
    if (this.#hasWarned) return;
    this.#hasWarned = true;
    const reason = cause instanceof Error ? cause.message : String(cause);
    this.#runtime.warn(
      `reapool: the guard could not be started (${reason}). Workers that are idle or wait still end with this process, ` +
        "but one in a busy loop will outlive it if it is killed. Make /bin/sh available to this process " +
        "(on Deno: --allow-run), or run the container with an init that ends with it",
    );
  }
}
