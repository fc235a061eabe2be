/**
 * Collects the orphans that this host has adopted, and only these. Woken by SIGCHLD; a timer runs only while a
 * dead process waits for its verdict (orphan.ts). Owns the system calls and the order of the looks.
 *
 * A bare `waitpid(-1)` would take the exits of processes that the runtime waits for, and nobody can give them
 * back. So a look only peeks (WNOWAIT) and collects by number, of this thread's processes alone: the kernel
 * gives orphans to the main thread, while those of a `worker_threads` thread stay with it.
 *
 * Time alone does not tell what the runtime still wants to collect: after its loop was blocked, Deno needed more
 * than 300 ms for a hundred ends, with timers in between. So a marker is started, a process of our own that ends
 * after them. Runtimes tell ends in their order: once the marker's is told, what is still there is not theirs.
 *
 * A peek shows one dead process, the others are behind it. /proc tells these. A host that can't read it (Deno lets
 * nobody without `--allow-all`) has the marker say which numbers there are, and peeks at each.
 */
import type { Libc } from "../port/libc.ts";
import type { Runtime, Timer } from "../port/runtime.ts";
import { judge, type Verdict } from "./orphan.ts";
import { readProcesses } from "./process-table.ts";
import { isPassing } from "./refusal.ts";

const P_ALL = 0;
const P_PID = 1;
const WNOHANG = 1;
const WEXITED = 4;
const WNOWAIT = 0x01000000;
const WNOTHREAD = 0x20000000;
const PR_SET_CHILD_SUBREAPER = 36;
const PR_GET_CHILD_SUBREAPER = 37;
/** `siginfo_t`, and where `si_pid` is in it on a 64-bit processor. */
const SIGINFO_BYTES = 128;
const SI_PID_AT = 16;

/** From one look to the next while somebody dead is there. Mostly the runtime has collected its own by then. In ms. */
const LOOK_AGAIN_MS = 50;
/** The longest it gets while no marker can be started, for which processes or memory are short. In ms. */
const LONGEST_LOOK_AGAIN_MS = 250;

const MARKER = ":";
const MARKER_THAT_LISTS = "cd /proc && echo [0-9]*";

/** What the reaper has of its host process. */
export interface ReaperHost {
  readonly runtime: Runtime;
  readonly spawn: Runtime["spawn"];
  /** Processes the pool has started itself and not been told the end of. */
  readonly own: ReadonlySet<number>;
}

export class Reaper {
  readonly #host: ReaperHost;
  readonly #libc: Libc;
  readonly #info = new Uint8Array(SIGINFO_BYTES);
  readonly #hostSession: number;
  /** Dead processes that wait for their verdict, and when each was first seen. */
  readonly #seenAt = new Map<number, number>();
  #toldUntil = Number.NEGATIVE_INFINITY;
  #isMarkerOut = false;
  /** Until one could not be started, for a reason that does not pass. */
  #canMark = true;
  /** What a marker has listed since the last look. */
  #listed: readonly number[] = [];
  /** As PID 1, or because the application has made itself a subreaper. */
  #adoptsAnyway = false;
  #timer: Timer | undefined;
  #lookAgainMs = LOOK_AGAIN_MS;
  #stopListening: () => void = () => {};

  constructor(host: ReaperHost, libc: Libc) {
    this.#host = host;
    this.#libc = libc;
    this.#hostSession = libc.getsid(0);
  }

  /**
   * From now on orphans of this host's descendants come to it; unless they did already. False where the kernel
   * refuses that: then nothing has been started.
   */
  start(): boolean {
    this.#adoptsAnyway = this.#host.runtime.pid === 1 || this.#isSubreaper();
    if (!this.#adoptsAnyway && this.#libc.prctl(PR_SET_CHILD_SUBREAPER, 1) !== 0) return false;
    this.#stopListening = this.#host.runtime.onChildSignal(() => {
      this.#canMark = true;
      this.#look();
    });
    this.#look(); // as PID 1 there may be some already
    return true;
  }

  /** Orphans go to the next ancestor again. */
  stop(): void {
    this.#stopListening();
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#seenAt.clear();
    if (!this.#adoptsAnyway) this.#libc.prctl(PR_SET_CHILD_SUBREAPER, 0);
  }

  #isSubreaper(): boolean {
    const flag = new Uint8Array(4);
    this.#libc.prctl(PR_GET_CHILD_SUBREAPER, flag);
    return flag[0] === 1;
  }

  /** Collects what is clear at once; for the rest a timer looks again. */
  #look(): void {
    let dead = this.#peek();
    while (dead !== 0 && this.#collectIfAdopted(dead)) dead = this.#peek();
    if (dead === 0) {
      this.#seenAt.clear();
      this.#lookAgainMs = LOOK_AGAIN_MS;
    } else if (this.#canMark) {
      this.#timer ??= this.#host.runtime.startTimer(this.#lookAgainMs, () => this.#lookAgain());
    }
  }

  #lookAgain(): void {
    this.#timer = undefined;
    const first = this.#peek();
    if (first !== 0) {
      const listed = this.#listDead();
      const dead = listed ?? this.#peekAtEach([first, ...this.#seenAt.keys(), ...this.#listed]);
      this.#listed = [];
      // A number may have been given to another process meanwhile.
      for (const pid of this.#seenAt.keys()) if (!dead.has(pid)) this.#seenAt.delete(pid);
      for (const pid of dead) this.#collectIfAdopted(pid);
      this.#sendMarker(listed === undefined);
    }
    this.#look();
  }

  /** A peek shows one process; where /proc can be read, those behind it need not wait for it. */
  #listDead(): ReadonlySet<number> | undefined {
    const { runtime } = this.#host;
    const dead = readProcesses(runtime)?.filter(
      ({ parent, state }) => parent === runtime.pid && state === "Z",
    );
    return dead && new Set(dead.map(({ pid }) => pid));
  }

  /** Those of them that are dead and this thread's. */
  #peekAtEach(pids: readonly number[]): ReadonlySet<number> {
    return new Set(pids.filter((pid) => this.#waitid(P_PID, pid, WNOWAIT) === pid));
  }

  /** Started when somebody is unclear. Without `/bin/sh` nobody unclear is ever collected: better a zombie than a theft. */
  #sendMarker(lists: boolean): void {
    const { runtime, spawn } = this.#host;
    const isNeeded = [...this.#seenAt.values()].some((seenAt) => seenAt > this.#toldUntil);
    if (this.#isMarkerOut || !isNeeded) return;
    this.#isMarkerOut = true;
    const sentAt = runtime.now();
    const decoder = new TextDecoder();
    let said = "";
    spawn(
      {
        file: "/bin/sh",
        args: ["-c", lists ? MARKER_THAT_LISTS : MARKER],
        env: {},
        cwd: "/",
        stdout: lists ? "pipe" : "ignore",
        stderr: "ignore",
      },
      {
        onOutput: (_stream, bytes) => {
          said += decoder.decode(bytes);
        },
        onOutputEnd: () => {
          this.#listed = said.split(/\s+/).map(Number).filter(isProcessNumber);
        },
        onExit: ({ error }) => {
          this.#isMarkerOut = false;
          if (error === undefined) {
            this.#toldUntil = sentAt;
            this.#lookAgainMs = LOOK_AGAIN_MS;
          } else if (isPassing(error)) {
            this.#lookAgainMs = Math.min(2 * this.#lookAgainMs, LONGEST_LOOK_AGAIN_MS);
          } else this.#canMark = false; // the next SIGCHLD tries again
        },
      },
    );
  }

  #collectIfAdopted(pid: number): boolean {
    const verdict = this.#judge(pid);
    if (verdict !== "adopted") return false;
    this.#seenAt.delete(pid);
    return this.#waitid(P_PID, pid, 0) === pid;
  }

  #judge(pid: number): Verdict {
    const { runtime, own } = this.#host;
    const now = runtime.now();
    const seenAt = this.#seenAt.get(pid) ?? now;
    const verdict = judge(
      { pid, session: this.#libc.getsid(pid), seenAt },
      { hostSession: this.#hostSession, own, toldUntil: this.#toldUntil, now },
    );
    if (verdict === "unclear") this.#seenAt.set(pid, seenAt);
    return verdict;
  }

  /** The first dead process that nobody has collected, 0 when there is none. It stays as it is. */
  #peek(): number {
    return this.#waitid(P_ALL, 0, WNOWAIT);
  }

  #waitid(idType: number, id: number, more: number): number {
    this.#info.fill(0); // with WNOHANG and nobody dead it is left as it was
    const outcome = this.#libc.waitid(idType, id, this.#info, WEXITED | WNOHANG | WNOTHREAD | more);
    return outcome === 0 ? new DataView(this.#info.buffer).getInt32(SI_PID_AT, true) : 0;
  }
}

/** Without /proc the pattern itself is listed. */
function isProcessNumber(number: number): boolean {
  return Number.isInteger(number) && number > 0;
}
