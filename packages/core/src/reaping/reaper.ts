/**
 * Reaps the orphans that this host has adopted, and only these. Woken by SIGCHLD; a timer runs only while a dead
 * process waits for its verdict (orphan.ts). Owns the system calls and the order of the checks.
 *
 * A bare `waitpid(-1)` would take the exits of processes that the runtime waits for, and nothing can give them back.
 * So a check only peeks (WNOWAIT), and reaps by pid, only processes of this thread: the kernel gives orphans to the
 * main thread, while those of a `worker_threads` thread stay with it.
 *
 * Time alone does not show what the runtime still wants to reap: after its loop was blocked, Deno needed more than
 * 300 ms for a hundred ends, with timers in between. So the reaper starts a marker, a process of our own that ends
 * after them. Runtimes report ends in order: once the marker's end is reported, whatever is still there is not
 * theirs.
 *
 * A peek shows one dead process and hides the others behind it. /proc lists them all. If the host can't read it (Deno
 * needs `--allow-all`), the marker lists the existing pids, and the reaper peeks at each.
 */
import type { Libc } from "../port/libc.ts";
import type { Runtime, Timer } from "../port/runtime.ts";
import { judge, type Verdict } from "./orphan.ts";
import { readProcesses } from "./process-table.ts";
import { isPassing } from "./refusal.ts";
import { P_ALL, P_PID, SI_PID_AT, SIGINFO_BYTES, WEXITED, WNOHANG, WNOTHREAD, WNOWAIT } from "./waitid.ts";

const PR_SET_CHILD_SUBREAPER = 36;
const PR_GET_CHILD_SUBREAPER = 37;

/** Time between checks while there is a dead process, in ms. Mostly the runtime has reaped its own by then. */
const LOOK_AGAIN_MS = 50;
/** The longest time between checks, in ms, while no marker can be started because processes or memory are short. */
const LONGEST_LOOK_AGAIN_MS = 250;

const MARKER = ":";
const MARKER_THAT_LISTS = "cd /proc && echo [0-9]*";

/** What the reaper needs from its host process. */
export interface ReaperHost {
  readonly runtime: Runtime;
  readonly spawn: Runtime["spawn"];
  /** Processes that the pool itself has started and whose end has not been reported yet. */
  readonly own: Pick<ReadonlySet<number>, "has">;
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
  /** False once a marker could not be started for a lasting reason. */
  #canMark = true;
  /** The pids that a marker has listed since the last check. */
  #listed: readonly number[] = [];
  /** True as PID 1, or if the application itself has made this process a subreaper. */
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
   * Makes this process adopt its descendants' orphans from now on, unless it already did. False if the kernel
   * refuses: then nothing has been started.
   */
  start(): boolean {
    this.#adoptsAnyway = this.#host.runtime.pid === 1 || this.#isSubreaper();
    if (!this.#adoptsAnyway && this.#libc.prctl(PR_SET_CHILD_SUBREAPER, 1) !== 0) return false;
    this.#stopListening = this.#host.runtime.onChildSignal(() => {
      this.#canMark = true;
      this.#look();
    });
    this.#look(); // as PID 1 it may have adopted some already
    return true;
  }

  /** Lets orphans go to the next ancestor again. */
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

  /** Reaps every clear case at once; a timer checks the rest again. */
  #look(): void {
    let dead = this.#peek();
    while (dead !== 0 && this.#reapIfAdopted(dead)) dead = this.#peek();
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
      // A pid may have been reused in the meantime.
      for (const pid of this.#seenAt.keys()) if (!dead.has(pid)) this.#seenAt.delete(pid);
      for (const pid of dead) this.#reapIfAdopted(pid);
      this.#sendMarker(listed === undefined);
    }
    this.#look();
  }

  /** A peek shows one process; if /proc can be read, those hidden behind it need not wait. */
  #listDead(): ReadonlySet<number> | undefined {
    const { runtime } = this.#host;
    const dead = readProcesses(runtime)?.filter(
      ({ parent, state }) => parent === runtime.pid && state === "Z",
    );
    return dead && new Set(dead.map(({ pid }) => pid));
  }

  /** The ones that are dead and belong to this thread. */
  #peekAtEach(pids: readonly number[]): ReadonlySet<number> {
    return new Set(pids.filter((pid) => this.#waitid(P_PID, pid, WNOWAIT) === pid));
  }

  /**
   * Starts a marker if a case is unclear. Without `/bin/sh` no unclear process is ever reaped: better a zombie than a
   * stolen exit.
   */
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

  #reapIfAdopted(pid: number): boolean {
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

  /** The first dead process that has not been reaped, 0 if there is none. Leaves it as it is. */
  #peek(): number {
    return this.#waitid(P_ALL, 0, WNOWAIT);
  }

  #waitid(idType: number, id: number, more: number): number {
    this.#info.fill(0); // with WNOHANG and no dead process, the kernel leaves it as it was
    const outcome = this.#libc.waitid(idType, id, this.#info, WEXITED | WNOHANG | WNOTHREAD | more);
    return outcome === 0 ? new DataView(this.#info.buffer).getInt32(SI_PID_AT, true) : 0;
  }
}

/** Without /proc the marker prints the pattern itself. */
function isProcessNumber(number: number): boolean {
  return Number.isInteger(number) && number > 0;
}
