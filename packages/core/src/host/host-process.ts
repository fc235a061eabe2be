/**
 * What a host process has once for all its pools: the socket workers connect to, the guard that kills them when the host
 * dies, and the reaper of the orphans it adopts. Owns the lifetime of each, not what they do.
 */

import { bare, codeOf } from "../bare.ts";
import { UnsupportedError } from "../errors.ts";
import type { OrphanMode } from "../options/pool-options.ts";
import type { Runtime, WorkerProcess } from "../port/runtime.ts";
import { randomHex } from "../random-hex.ts";
import { Cgroups } from "../reaping/cgroups.ts";
import { Guard } from "../reaping/guard.ts";
import { Leases } from "../reaping/leases.ts";
import { Looks } from "../reaping/looks.ts";
import { Marks } from "../reaping/mark.ts";
import { registerMark } from "../reaping/marked.ts";
import { Reaper } from "../reaping/reaper.ts";
import { openTrace, type ProcessTrace } from "../trace.ts";
import { Acceptor } from "./acceptor.ts";
import { HostClock } from "./host-clock.ts";
import { HostFolder } from "./host-folder.ts";
import { LoopWatch } from "./loop-watch.ts";
import { StopSignals } from "./stop-signals.ts";
import { endWithThread } from "./thread-end.ts";
import { hearOfMain, tellOf } from "./thread-remains.ts";

/** Where workers connect. */
export interface Door {
  /** Holds the socket and the journals of the workers. */
  readonly folder: string;
  readonly socket: string;
}

/** One pool's claim on its host, from its creation until it is closed. */
interface Claim {
  /** It wants the reaper, even if that can't start now: a later pool may start it. */
  readonly reaps: boolean;
}

/** How often the folder may be removed while its socket is opened, until that is an error. */
const MAX_MOVES = 10;

const hosts = new WeakMap<Runtime, HostProcess>();

export class HostProcess {
  readonly runtime: Runtime;
  readonly acceptor: Acceptor;
  readonly guard: Guard;
  readonly leases: Leases;
  readonly marks: Marks;
  readonly looks: Looks;
  readonly cgroups: Cgroups;
  readonly stopSignals: StopSignals;
  readonly loop: LoopWatch;
  readonly clock: HostClock;
  readonly trace: ProcessTrace | undefined;
  /** Processes started here whose exit has not been reported. */
  readonly own: Map<number, WorkerProcess> = new Map();
  readonly #claims = new Set<Claim>();
  #folder: HostFolder | undefined;
  #ending: Promise<void> | undefined;
  #reaper: Reaper | undefined;
  #hasWarned = false;

  /** The single instance of this process. */
  static of(runtime: Runtime): HostProcess {
    const host = hosts.get(runtime) ?? new HostProcess(runtime);
    hosts.set(runtime, host);
    return host;
  }

  private constructor(runtime: Runtime) {
    this.runtime = runtime;
    this.loop = new LoopWatch(runtime);
    this.clock = new HostClock(runtime);
    this.acceptor = new Acceptor(runtime, this.loop);
    this.trace = openTrace(runtime);
    const id = randomHex(8, runtime);
    this.marks = new Marks(id);
    registerMark(this.marks.name);
    const findFolder = () => this.#renew()?.path;
    this.guard = new Guard(runtime, this.spawn, this.marks.name, this.trace?.common, findFolder);
    this.leases = new Leases(runtime, this.spawn, this.guard, this.marks.name, findFolder);
    this.looks = new Looks(runtime, this.guard, this.trace?.common);
    this.cgroups = new Cgroups(runtime, this.guard, id);
    this.stopSignals = new StopSignals(runtime);
    const { threads } = runtime;
    if (threads?.isMain === false) {
      const isCollected = hearOfMain(threads);
      threads.onEnd(() => endWithThread(runtime, this.own, this.guard.pid, isCollected()));
    }
  }

  /**
   * Call when a pool is created. Returns a function to call when it is closed, which resolves when what only this pool still
   * needed is gone.
   *
   * @throws UnsupportedError when orphans should be adopted and can't be.
   */
  retain(orphans: OrphanMode): () => Promise<void> {
    const claim = { reaps: orphans === "adopt" || (orphans === "auto" && this.runtime.pid === 1) };
    if (claim.reaps) this.#startReaper(orphans);
    this.#claims.add(claim);
    return () => this.#release(claim);
  }

  /**
   * Opens the workers' socket at the first call, and makes all anew when something has removed it; after a failure, the
   * next call tries again.
   *
   * @param uid Whom its workers run as, if not as the host: each such user has a socket.
   */
  async open(uid?: number): Promise<Door> {
    for (let tries = 0; ; tries++) {
      let folder: HostFolder | undefined;
      try {
        if (this.#folder === undefined) this.#folder = new HostFolder(this.runtime, false);
        else this.#renew();
        folder = this.#folder;
        this.#openGuard(folder); // before anything else is in the folder, so that it is always removed
        const socket = folder.socketFor(uid);
        await this.acceptor.open(socket);
        folder.note(socket);
        return bare({ folder: folder.path, socket }); // a promise is resolved with it
      } catch (error) {
        if (!this.#isLost(folder) || tries === MAX_MOVES) throw explain(error);
      }
    }
  }

  /** Something has removed it, or it was replaced for that. What the last pool has let go is not lost. */
  #isLost(folder: HostFolder | undefined): boolean {
    if (folder === undefined || this.#folder === undefined) return false;
    return this.#folder !== folder || !folder.isWhole;
  }

  /** What is there is still what was made: the next worker can connect, and a guard can read the table. */
  isWhole({ folder }: Door): boolean {
    return this.#folder?.path === folder && this.#folder.isWhole;
  }

  /** Replaces the folder if it was damaged. Workers that live do not need it any more. */
  #renew(): HostFolder | undefined {
    const old = this.#folder;
    if (old === undefined || old.isWhole) return old;
    const folder = new HostFolder(this.runtime, true);
    this.#folder = folder;
    this.#openGuard(folder);
    this.acceptor.close(); // what it listens at leads nowhere by now
    old.remove();
    return folder;
  }

  #openGuard(folder: HostFolder): void {
    const table = this.guard.open(folder.path);
    if (table !== undefined) folder.note(table);
  }

  /** Like the runtime's, and remembers which processes it must not reap as orphans. */
  readonly spawn: Runtime["spawn"] = (command, events) => {
    const process = this.runtime.spawn(command, {
      ...events,
      onExit: (exit) => {
        if (process.pid !== undefined) {
          this.own.delete(process.pid);
          tellOf(this.runtime, process.pid, true);
        }
        events.onExit(exit);
      },
    });
    if (process.pid !== undefined) {
      this.own.set(process.pid, process);
      tellOf(this.runtime, process.pid, false);
    }
    return process;
  };

  async #release(claim: Claim): Promise<void> {
    this.#claims.delete(claim);
    if (![...this.#claims].some(({ reaps }) => reaps)) {
      this.#reaper?.stop();
      this.#reaper = undefined;
    }
    await Promise.all([this.looks.settled(), this.cgroups.settled()]);
    if (this.#claims.size === 0) await this.cgroups.close();
    if (this.#claims.size > 0) return;
    if (this.#folder !== undefined) this.#ending = this.#end(this.#folder);
    await this.#ending; // of another pool, if that was closed in the same moment
  }

  async #end(folder: HostFolder): Promise<void> {
    this.#folder = undefined;
    this.acceptor.close();
    await Promise.all([this.guard.close(), this.leases.close()]);
    folder.remove();
  }

  #startReaper(orphans: OrphanMode): void {
    if (this.#reaper !== undefined) return;
    const isMain = this.runtime.threads?.isMain ?? true;
    const libc = isMain ? this.runtime.openLibc() : "only the main thread hears SIGCHLD";
    if (typeof libc === "string") {
      this.#lacks(libc, orphans);
      return;
    }
    const reaper = new Reaper(this, libc);
    if (reaper.start()) this.#reaper = reaper;
    else this.#lacks("the kernel rejects prctl(PR_SET_CHILD_SUBREAPER)", orphans);
  }

  #lacks(reason: string, orphans: OrphanMode): void {
    if (orphans === "adopt") {
      throw new UnsupportedError(`Cannot adopt orphans (orphans: "adopt"): ${reason}`);
    }
    if (this.#hasWarned) return;
    this.#hasWarned = true;
    this.runtime.warn(
      `reapool: this process is PID 1 and can't reap the orphans it adopts, so they stay zombies: ${reason}. ` +
        'Or run the container with an init (docker run --init), or set orphans: "ignore" to silence this',
    );
  }
}

function explain(cause: unknown): Error {
  const { message } = cause as Error;
  const error = new Error(
    `The socket of the workers can't be opened: ${message}. It is in TMPDIR, which must be a folder that this ` +
      "process can write to, with a short path",
    { cause },
  );
  return Object.assign(error, { code: codeOf(cause) });
}
