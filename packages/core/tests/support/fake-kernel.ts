/**
 * The kernel in small, as the reaper meets it: processes with a parent, a session and a state, a SIGCHLD that
 * coalesces, and the three calls of libc that act on them. Plays the host's runtime as well, which collects what
 * it has started, in the order of the deaths, when it hears of one. Knows nothing of how the reaper decides.
 */
import type { Libc } from "../../src/port/libc.ts";
import { type Exit, failedStart, type Runtime } from "../../src/port/runtime.ts";
import { fakeProc } from "./fake-proc.ts";
import type { FakeRuntime } from "./fake-runtime.ts";

const P_PID = 1;
const WNOHANG = 1;
const WEXITED = 4;
const WNOWAIT = 0x01000000;
const WNOTHREAD = 0x20000000;
const PR_SET_CHILD_SUBREAPER = 36;
const PR_GET_CHILD_SUBREAPER = 37;
const INIT = 1;

/** Who waits for a process: the runtime, native code that takes `lag` ms to do so, or nobody. */
type Waiter = "runtime" | { readonly lag: number } | "nobody";

interface Entry {
  readonly pid: number;
  readonly session: number;
  readonly waiter: Waiter;
  /** Started by another thread of the host: not shown to WNOTHREAD. */
  readonly isOfOtherThread: boolean;
  parent: number;
  state: "S" | "Z";
  diedAt: number;
}

/** `"host"`: the host's. `"leader"`: one of its own. A number: somebody else's. */
export type Session = "host" | "leader" | number;

export interface Birth {
  session?: Session;
  waiter?: Waiter;
  isOfOtherThread?: boolean;
  pid?: number;
}

export class FakeKernel implements Libc {
  static readonly HOST_SESSION = 900;

  /** Arguments of each call that changes something. */
  readonly prctls: [option: number, argument: number][] = [];
  /** What waitid took, in order. */
  readonly reaped: { readonly pid: number; readonly zombieFor: number }[] = [];
  /** What waitid took although somebody else waits for it. */
  readonly stolen: number[] = [];
  /** Whether the runtime acts on a signal before its listeners hear it. */
  isRuntimeFirst = true;
  /** How long a busy event loop leaves a signal lying, in ms. */
  signalDelay = 0;
  /** How long the runtime takes over each end it is told of, in ms. */
  lag = 0;
  /** How long the programs live that `start` starts, in ms. */
  programLife = 3;
  /** What `start` fails with in place of starting one. */
  startError: unknown;
  /** Programs that `start` has started. */
  started = 0;
  /** Those of them whose end has not been told, and what a test puts there. */
  readonly own = new Set<number>();
  /** Orphans come to the host. */
  isSubreaper: boolean;
  readonly #runtime: FakeRuntime;
  readonly #entries = new Map<number, Entry>();
  #nextPid = 2_000;
  #isSignalPending = false;
  /** Dead processes that the runtime has to collect. */
  readonly #toCollect: Entry[] = [];
  #isCollecting = false;
  readonly #listeners = new Map<Entry, (exit: Exit) => void>();

  constructor(runtime: FakeRuntime, { isProcReadable = true } = {}) {
    this.#runtime = runtime;
    this.isSubreaper = runtime.pid === INIT;
    runtime.libc = this;
    if (isProcReadable) runtime.proc = fakeProc(() => this.#entries.values());
  }

  get zombies(): number[] {
    return [...this.#entries.values()].filter(({ state }) => state === "Z").map(({ pid }) => pid);
  }

  /** The longest that any process collected by waitid had been a zombie, in ms. */
  get longestZombie(): number {
    return Math.max(0, ...this.reaped.map(({ zombieFor }) => zombieFor));
  }

  /** The host starts a process. */
  spawn(birth: Birth = {}): number {
    return this.#add(this.#runtime.pid, { session: "leader", waiter: "runtime", ...birth });
  }

  /** A host's own start of a program, which ends by itself. */
  readonly start: Runtime["spawn"] = (_command, { onExit }) => {
    const { startError } = this;
    if (startError !== undefined) {
      queueMicrotask(() => onExit(failedStart(startError)));
      return { pid: undefined, signal: () => false };
    }
    this.started++;
    const pid = this.spawn();
    this.own.add(pid);
    this.#listeners.set(this.#entries.get(pid) as Entry, (exit) => {
      this.own.delete(pid);
      onExit(exit);
    });
    this.#runtime.startTimer(this.programLife, () => this.die(pid));
    return { pid, signal: () => true };
  };

  /** The parent of a process has died; also one that is dead itself by then. */
  orphan(birth: Birth = {}, { isDead = false } = {}): number {
    const pid = this.#add(this.isSubreaper ? this.#runtime.pid : INIT, {
      session: "leader",
      ...birth,
      waiter: "nobody",
    });
    if (isDead) this.die(pid);
    return pid;
  }

  die(pid: number): void {
    const entry = this.#entries.get(pid) as Entry;
    entry.state = "Z";
    entry.diedAt = this.#runtime.now();
    if (entry.parent !== this.#runtime.pid) return;
    const { waiter } = entry;
    if (waiter === "runtime") this.#toCollect.push(entry);
    if (typeof waiter === "object") this.#runtime.startTimer(waiter.lag, () => this.#awaited(entry));
    if (this.#isSignalPending) return; // the signal is pending already: it does not count
    this.#isSignalPending = true;
    if (this.signalDelay === 0) queueMicrotask(() => this.#deliver());
    else this.#runtime.startTimer(this.signalDelay, () => this.#deliver());
  }

  #add(parent: number, birth: Birth): number {
    const { pid = this.#nextPid++, session = "leader", waiter = "nobody", isOfOtherThread = false } = birth;
    const sessions = { host: FakeKernel.HOST_SESSION, leader: pid };
    this.#entries.set(pid, {
      pid,
      parent,
      waiter,
      isOfOtherThread,
      session: typeof session === "number" ? session : sessions[session],
      state: "S",
      diedAt: 0,
    });
    return pid;
  }

  /** One turn of the event loop in which SIGCHLD is found. */
  #deliver(): void {
    this.#isSignalPending = false;
    if (this.isRuntimeFirst) this.#collectOwn();
    for (const listener of [...this.#runtime.childSignalListeners]) listener();
    if (!this.isRuntimeFirst) queueMicrotask(() => this.#collectOwn());
  }

  #collectOwn(): void {
    if (this.#isCollecting) return;
    const entry = this.#toCollect.shift();
    if (entry === undefined) return;
    this.#isCollecting = true;
    const collect = () => {
      this.#isCollecting = false;
      this.#awaited(entry);
      this.#collectOwn();
    };
    if (this.lag === 0) collect();
    else this.#runtime.startTimer(this.lag, collect);
  }

  get #mine(): Entry[] {
    return [...this.#entries.values()].filter(({ parent }) => parent === this.#runtime.pid);
  }

  /** Whoever started it takes its exit; the number may be another's by then. */
  #awaited(entry: Entry): void {
    if (this.#entries.get(entry.pid) === entry) this.#entries.delete(entry.pid);
    this.#listeners.get(entry)?.({ code: 0, signal: null });
    this.#listeners.delete(entry);
  }

  getsid(pid: number): number {
    if (pid === 0) return FakeKernel.HOST_SESSION;
    return this.#entries.get(pid)?.session ?? -1;
  }

  prctl(option: number, argument: number | Uint8Array): number {
    if (option === PR_GET_CHILD_SUBREAPER && typeof argument === "object") {
      new DataView(argument.buffer).setInt32(0, this.isSubreaper ? 1 : 0, true);
      return 0;
    }
    if (option !== PR_SET_CHILD_SUBREAPER || typeof argument !== "number") return -1;
    this.prctls.push([option, argument]);
    this.isSubreaper = argument !== 0;
    return 0;
  }

  waitid(idType: number, id: number, info: Uint8Array, options: number): number {
    if ((options & WNOHANG) === 0) throw new Error("Expected WNOHANG: the host's loop would stand still");
    const seen = this.#mine.filter(
      (entry) =>
        (idType !== P_PID || entry.pid === id) && ((options & WNOTHREAD) === 0 || !entry.isOfOtherThread),
    );
    if (seen.length === 0) return -1; // ECHILD
    const dead = (options & WEXITED) === 0 ? undefined : seen.find(({ state }) => state === "Z");
    if (dead === undefined) return 0; // and `info` stays as it was
    new DataView(info.buffer).setInt32(16, dead.pid, true);
    if ((options & WNOWAIT) === 0) {
      this.#entries.delete(dead.pid);
      if (dead.waiter !== "nobody") this.stolen.push(dead.pid);
      this.reaped.push({ pid: dead.pid, zombieFor: this.#runtime.now() - dead.diedAt });
    }
    return 0;
  }
}
