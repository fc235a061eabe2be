/**
 * Collects the orphans that this host has adopted, and only these. Woken by SIGCHLD; a timer runs only while a
 * dead process waits for its verdict (orphan.ts). Owns the system calls and the time between two looks.
 *
 * A bare `waitpid(-1)` would take the exits of processes that the runtime waits for, and nobody can give them
 * back. So each look only peeks (WNOWAIT), and collects by number, of this thread's processes alone: the
 * kernel gives orphans to the main thread, while those of a `worker_threads` thread stay with it.
 */
import type { Libc } from "../port/libc.ts";
import type { Runtime, Timer } from "../port/runtime.ts";
import { type DeadProcess, judge } from "./orphan.ts";
import { readProcesses } from "./process-table.ts";

const P_ALL = 0;
const P_PID = 1;
const WNOHANG = 1;
const WEXITED = 4;
const WNOWAIT = 0x01000000;
const WNOTHREAD = 0x20000000;
const PR_SET_CHILD_SUBREAPER = 36;
/** `siginfo_t`, and where `si_pid` is in it on a 64-bit processor. */
const SIGINFO_BYTES = 128;
const SI_PID_AT = 16;

/** Two of these, and the loop has turned at least once in between. In ms. */
const LOOK_AGAIN_MS = 25;

export class Reaper {
  readonly #runtime: Runtime;
  readonly #libc: Libc;
  readonly #own: ReadonlySet<number>;
  readonly #info = new Uint8Array(SIGINFO_BYTES);
  /** Dead processes that wait for their verdict, and when each was first seen. */
  readonly #firstSeen = new Map<number, number>();
  readonly #hostSession: number;
  #lastSignalAt = 0;
  #timer: Timer | undefined;
  #stopListening: () => void = () => {};

  /** `own`: processes the pool has started itself and not been told the end of. */
  constructor(runtime: Runtime, libc: Libc, own: ReadonlySet<number>) {
    this.#runtime = runtime;
    this.#libc = libc;
    this.#own = own;
    this.#hostSession = libc.getsid(0);
  }

  /** From now on orphans of this host's descendants come to it; as PID 1 they do anyway. */
  start(): void {
    if (this.#runtime.pid !== 1) this.#libc.prctl(PR_SET_CHILD_SUBREAPER, 1);
    this.#stopListening = this.#runtime.onChildSignal(() => {
      this.#lastSignalAt = this.#runtime.now();
      this.#look();
    });
    this.#look(); // as PID 1 there may be some already
  }

  /** Orphans go to the next ancestor again. */
  stop(): void {
    this.#stopListening();
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#firstSeen.clear();
    if (this.#runtime.pid !== 1) this.#libc.prctl(PR_SET_CHILD_SUBREAPER, 0);
  }

  #look(): void {
    let dead = this.#peek();
    while (dead !== 0 && this.#collectIfAdopted(dead)) dead = this.#peek();
    if (dead === 0) this.#firstSeen.clear();
    else this.#lookAgain();
  }

  /** Two timers in a row: a signal that was under way has been told by the second. */
  #lookAgain(): void {
    this.#timer ??= this.#runtime.startTimer(LOOK_AGAIN_MS, () => {
      this.#timer = this.#runtime.startTimer(LOOK_AGAIN_MS, () => {
        this.#timer = undefined;
        // Mostly the runtime has collected its own by now, and nothing has to be listed.
        const first = this.#peek();
        if (first !== 0) this.#collectListed(first);
        this.#look();
      });
    });
  }

  /** A peek shows one process; where /proc can be read, those behind it need not wait for it. */
  #collectListed(first: number): void {
    const listed = readProcesses(this.#runtime)
      ?.filter(({ parent, state }) => parent === this.#runtime.pid && state === "Z")
      .map(({ pid }) => pid) ?? [first];
    // A number may have been given to another process meanwhile.
    for (const pid of this.#firstSeen.keys()) if (!listed.includes(pid)) this.#firstSeen.delete(pid);
    for (const pid of listed) this.#collectIfAdopted(pid);
  }

  #collectIfAdopted(pid: number): boolean {
    if (this.#judge(pid) !== "adopted") return false;
    this.#firstSeen.delete(pid);
    return this.#collect(pid);
  }

  #judge(pid: number): ReturnType<typeof judge> {
    const now = this.#runtime.now();
    const firstSeen = this.#firstSeen.get(pid) ?? now;
    this.#firstSeen.set(pid, firstSeen);
    // Each death raises SIGCHLD: what is dead now was so when the last one came.
    const deadSince = Math.min(firstSeen, this.#lastSignalAt);
    const dead: DeadProcess = { pid, session: this.#libc.getsid(pid), deadSince };
    return judge(dead, { hostSession: this.#hostSession, own: this.#own, now });
  }

  /** The first dead process that nobody has collected, 0 when there is none. It stays as it is. */
  #peek(): number {
    return this.#waitid(P_ALL, 0, WNOWAIT);
  }

  /** False where it is not this thread's to collect. */
  #collect(pid: number): boolean {
    return this.#waitid(P_PID, pid, 0) === pid;
  }

  #waitid(idType: number, id: number, more: number): number {
    this.#info.fill(0); // with WNOHANG and nobody dead it is left as it was
    const outcome = this.#libc.waitid(idType, id, this.#info, WEXITED | WNOHANG | WNOTHREAD | more);
    return outcome === 0 ? new DataView(this.#info.buffer).getInt32(SI_PID_AT, true) : 0;
  }
}
