/**
 * The guard of a host process: a shell that outlives it just long enough to kill its workers. Owns that one process,
 * its replacement when it dies, and the table it reads. guard-script.ts is what it does; process-group.ts decides
 * whose groups are in the table.
 *
 * The kernel closes the host's end of its input however the host dies, including SIGKILL. Nothing else reaches a
 * worker in a busy loop, one that ignores SIGTERM or one that is stopped.
 */
import { codeOf } from "../bare.ts";
import type { Exit, Runtime, Signal, Timer, WorkerProcess } from "../port/runtime.ts";
import type { Trace } from "../trace.ts";
import { GroupTable } from "./group-table.ts";
import { GUARD_SCRIPT, GuardWord } from "./guard-script.ts";
import { OUTLIVES } from "./mark.ts";
import { isStopped, readStart } from "./process-table.ts";
import { Safeguard } from "./safeguard.ts";

/**
 * Delays before a replacement, from the second death in a row on: something that kills every guard must not make us
 * spin. In ms.
 */
const REPLACE_AFTER = [0, 100, 1_000, 10_000];
/** A guard that lived this long was healthy. In ms. */
const PROVEN_MS = 1_000;
/** How long to wait for its end after SIGKILL, in ms: a moment, unless it is stuck in the kernel. */
const END_MS = 500;
/** No program or no permission: waiting would not help. */
const LASTING: ReadonlySet<unknown> = new Set(["ENOENT", "EACCES", "ENOTDIR", "EPERM", undefined]);

export class Guard {
  readonly #runtime: Runtime;
  readonly #safeguard: Safeguard;
  readonly #spawn: Runtime["spawn"];
  readonly #trace: Trace | undefined;
  readonly #findFolder: () => string | undefined;
  readonly #endings = new Map<WorkerProcess, () => void>();
  /** What the table says of each group: how it ends, and when its leader was started. */
  readonly #groups = new Map<number, string>();
  /** Folders with the control groups of workers. */
  readonly #cgroups = new Set<string>();
  /** Looks and ends of control groups that were asked for and not answered, by number. */
  readonly #looks = new Map<number, { readonly request: string; readonly onDone: () => void }>();
  readonly #mark: string;
  #lastLook = 0;
  #answer = "";
  #folder: string | undefined;
  #table: GroupTable | undefined;
  #process: WorkerProcess | undefined;
  #deaths = 0;
  #replacement: Timer | undefined;

  /**
   * @param mark The name of the variable that marks the workers.
   * @param findFolder Where the folder is by now, before a guard is replaced: what the last one had open may be gone.
   */
  constructor(
    runtime: Runtime,
    spawn: Runtime["spawn"],
    mark: string,
    trace?: Trace,
    findFolder: () => string | undefined = () => this.#folder,
  ) {
    this.#findFolder = findFolder;
    this.#runtime = runtime;
    this.#safeguard = new Safeguard(runtime, warning);
    this.#spawn = spawn;
    this.#mark = mark;
    this.#trace = trace;
  }

  /**
   * Starts it, unless it runs for this folder, which is removed after the host's death. Returns the path of its table, if
   * there is one.
   */
  open(folder: string): string | undefined {
    if (this.#folder !== folder) {
      this.#folder = folder;
      this.#deaths = 0;
      this.#replacement?.cancel();
      this.#replacement = undefined;
      this.#table?.close();
      this.#table = undefined;
      const last = this.#process;
      this.#start(); // while the folder is empty: a host that dies now leaves nothing behind
      if (last?.signal("SIGKILL") instanceof Error) this.#tell(last, GuardWord.Quit);
    }
    const path = `${folder}/groups`;
    this.#table ??= this.#safeguard.attempt(
      () => new GroupTable(this.#runtime.openFile(path), this.#trace, this.#groups, this.#cgroups),
    );
    return this.#table && path;
  }

  get pid(): number | undefined {
    return this.#process?.pid;
  }

  /**
   * Adds the group of a worker that has just been started.
   *
   * @param isTree After the host's death, what its worker has left goes with the group.
   */
  add(group: number, isTree: boolean): void {
    const line = `${isTree ? "tree" : "group"} ${readStart(this.#runtime, group)}`;
    this.#groups.set(group, line);
    this.#safeguard.attempt(() => this.#table?.add(group, line));
  }

  /** Whom the number of the group belongs to: when its leader was started; empty if unknown. */
  startOf(group: number): string {
    return this.#groups.get(group)?.split(" ")[1] ?? "";
  }

  /**
   * Ends what workers have left behind (look-script.ts), and calls back: always, also when there is no guard to do it.
   *
   * @param since When the first of them was started, in the kernel's unit; empty if unknown.
   * @param values Of the workers' marks, as an extended regular expression.
   * @param roots What is known of them, as `look` takes it.
   */
  look(since: string, values: string, roots: readonly string[], onDone: () => void): void {
    this.#ask((number) => ["LOOK", number, since || 0, values, ...roots].join(" "), onDone);
  }

  /** Call before the first worker has its control group in this folder: it goes with the host. */
  holdCgroups(folder: string): void {
    this.#cgroups.add(folder);
    this.#safeguard.attempt(() => this.#table?.addCgroups(folder));
  }

  /** Kills all that is in this control group or below it, and removes it (cgroup-script.ts); calls back as `look` does. */
  endCgroup(folder: string, onDone: () => void): void {
    this.#cgroups.delete(folder);
    this.#ask((number) => `CGROUP ${number} ${folder}`, onDone);
  }

  #ask(write: (number: number) => string, onDone: () => void): void {
    const number = ++this.#lastLook;
    const request = write(number);
    this.#looks.set(number, { request, onDone });
    if (this.#process !== undefined) this.#tell(this.#process, request);
    else if (this.#replacement === undefined) this.#endLooks(); // none can run here
  }

  #endLooks(): void {
    for (const [number, { onDone }] of this.#looks) {
      this.#looks.delete(number);
      onDone();
    }
  }

  #onAnswer(bytes: Uint8Array): void {
    const lines = (this.#answer + new TextDecoder().decode(bytes)).split("\n");
    this.#answer = lines.pop() as string;
    for (const line of lines) {
      const look = this.#looks.get(Number(line));
      this.#looks.delete(Number(line));
      look?.onDone();
    }
  }

  /** Sends a signal that this host may not send itself: the guard may have been started when it still might. */
  signal(group: number, name: Signal): void {
    this.#tell(this.#process, `${name.slice("SIG".length)} ${group} ${this.startOf(group)}`);
  }

  #tell(guard: WorkerProcess | undefined, line: string): void {
    guard?.write?.(new TextEncoder().encode(`${line}\n`));
  }

  /** Call this as soon as a group is empty: from then on its number may be reused. */
  remove(group: number): void {
    this.#groups.delete(group);
    this.#safeguard.attempt(() => this.#table?.remove(group));
  }

  /**
   * Ends it when nothing is left to guard; resolves when it is gone, or soon. One that still looks, as on a busy machine, comes
   * to its end first, and then leaves by itself: what it looks for would live on.
   */
  close(): Promise<void> {
    this.#folder = undefined;
    this.#table?.close();
    this.#table = undefined;
    this.#replacement?.cancel();
    this.#replacement = undefined;
    const isLooking = this.#looks.size > 0;
    this.#endLooks();
    const ending = this.#process;
    this.#process = undefined;
    if (ending === undefined) return Promise.resolve();
    const { pid } = ending;
    const isBusy = isLooking && pid !== undefined && !isStopped(this.#runtime, pid);
    return new Promise((resolve) => {
      const deadline = this.#runtime.startTimer(END_MS, resolve);
      this.#endings.set(ending, () => {
        deadline.cancel();
        resolve();
      });
      if (isBusy || ending.signal("SIGKILL") instanceof Error) this.#tell(ending, GuardWord.Quit);
    });
  }

  #start(): void {
    const startedAt = this.#runtime.now();
    const started = this.#spawn(
      {
        file: "/bin/sh",
        args: ["-c", GUARD_SCRIPT, "reapool-guard", this.#folder as string, this.#mark],
        env: OUTLIVES, // the host may be a worker itself: what looks for its remains spares the guard
        cwd: "/", // so that it keeps no file system busy
        stdin: "open",
        stdout: "pipe",
        stderr: "ignore",
      },
      {
        onOutput: (_stream, bytes) => this.#onAnswer(bytes),
        onOutputEnd: () => {},
        onExit: (exit) => this.#onExit(started, exit, startedAt),
      },
    );
    this.#process = started;
    this.#answer = "";
    for (const { request } of this.#looks.values()) this.#tell(started, request); // what the last one left
    this.#trace?.guard(`runs as pid ${started.pid}`);
  }

  #replace(): void {
    this.#replacement = undefined;
    const folder = this.#folder;
    this.#safeguard.attempt(() => this.#findFolder());
    if (this.#folder === folder) this.#start(); // otherwise it has been opened for another
  }

  #onExit(process: WorkerProcess, exit: Exit, startedAt: number): void {
    this.#trace?.guard(`pid ${process.pid} is gone`);
    this.#endings.get(process)?.();
    this.#endings.delete(process);
    if (process !== this.#process) return;
    this.#process = undefined;
    this.#deaths = this.#runtime.now() - startedAt >= PROVEN_MS ? 1 : this.#deaths + 1;
    if (exit.error !== undefined) {
      this.#safeguard.warn(exit.error);
      if (LASTING.has(codeOf(exit.error))) {
        this.#endLooks();
        return;
      }
    } else if (this.#deaths >= REPLACE_AFTER.length) {
      this.#safeguard.warn(`it dies as soon as it runs: ${exit.signal ?? `exit code ${exit.code}`}`);
    }
    const wait = REPLACE_AFTER[Math.min(this.#deaths, REPLACE_AFTER.length) - 1] as number;
    this.#replacement = this.#runtime.startTimer(wait, () => this.#replace());
  }
}

const warning = (reason: string): string =>
  `reapool: this process has no guard (${reason}). Workers that are idle or waiting still end with it, but one in a ` +
  "busy loop will outlive it if it is killed. The guard needs /bin/sh (on Deno the permission to run it) and some " +
  "space in TMPDIR";
