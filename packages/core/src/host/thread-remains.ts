/**
 * What threads leave: processes that nobody collects. Each thread tells the main one which processes it has. The main thread
 * answers that it will collect them, and does so once the thread is gone. Owns who has which, and when to look. Only the
 * adapter that the main thread has loaded can do it.
 */
import { bare } from "../bare.ts";
import type { Libc } from "../port/libc.ts";
import type { Runtime, Timer } from "../port/runtime.ts";
import type { Threads } from "../port/threads.ts";
import { isZombie } from "../reaping/process-table.ts";
import { collect } from "../reaping/waitid.ts";

/** While a dead process has not been collected: its thread may be about to, or about to be gone. In ms. */
const LOOK_AGAIN_MS = 100;
const LONGEST_LOOK_AGAIN_MS = 800;

/** What a thread tells of each process that it starts, and of its end. */
interface ThreadNews {
  readonly folder: string;
  readonly pid: number;
  readonly hasEnded: boolean;
}

interface MainAnswer {
  /** The folder of the thread whose processes it collects. */
  readonly collects: string;
}

type RemainsRuntime = Pick<
  Runtime,
  "threads" | "openLibc" | "startTimer" | "onChildSignal" | "readFile" | "listFolder"
>;

/** In the main thread: hears of the others from now on. */
export function collectRemains(runtime: RemainsRuntime): void {
  const { threads } = runtime;
  if (!threads?.isMain) return;
  const remains = new Remains(runtime);
  threads.hear((message) => {
    if (!isNews(message)) return;
    remains.hear(message);
    if (!message.hasEnded) threads.tell({ collects: message.folder } satisfies MainAnswer);
  });
}

/**
 * In any other thread, before it tells of its first process.
 *
 * @returns Whether the main thread has said that it collects what this thread leaves.
 */
export function hearOfMain({ folder, hear }: Pick<Threads, "folder" | "hear">): () => boolean {
  let isCollected = false;
  hear((message) => {
    isCollected ||= isAnswerTo(folder, message);
  });
  return () => isCollected;
}

/** In any other thread: tells the main one of a process. */
export function tellOf({ threads }: Pick<Runtime, "threads">, pid: number, hasEnded: boolean): void {
  if (threads === undefined || threads.isMain || threads.folder === undefined) return;
  threads.tell({ folder: threads.folder, pid, hasEnded } satisfies ThreadNews);
}

class Remains {
  readonly #runtime: RemainsRuntime;
  /** The thread of each process. */
  readonly #folders = new Map<number, string>();
  #unlisten: (() => void) | undefined;
  #timer: Timer | undefined;
  #wait = LOOK_AGAIN_MS;
  #libc: Libc | string | undefined;

  constructor(runtime: RemainsRuntime) {
    this.#runtime = runtime;
  }

  hear({ folder, pid, hasEnded }: ThreadNews): void {
    if (!hasEnded) {
      this.#folders.set(pid, folder);
      this.#unlisten ??= this.#runtime.onChildSignal(() => this.#lookIn(LOOK_AGAIN_MS));
    } else if (this.#folders.get(pid) === folder) this.#forget(pid);
  }

  /** Never at once: what the thread itself has told by then is heard first. A later look comes forward; an earlier one stays. */
  #lookIn(ms: number): void {
    if (this.#timer !== undefined && this.#wait <= ms) return;
    this.#timer?.cancel();
    this.#wait = ms;
    this.#timer = this.#runtime.startTimer(ms, () => {
      this.#timer = undefined;
      this.#look();
    });
  }

  #look(): void {
    let isDue = false;
    for (const [pid, folder] of [...this.#folders]) {
      const isOrphaned = this.#runtime.listFolder(folder) === undefined;
      if (isOrphaned && this.#collect(pid)) this.#forget(pid);
      else isDue ||= isOrphaned || isZombie(this.#runtime, pid);
    }
    if (isDue) this.#lookIn(Math.min(2 * this.#wait, LONGEST_LOOK_AGAIN_MS));
  }

  #collect(pid: number): boolean {
    this.#libc ??= this.#runtime.openLibc();
    return typeof this.#libc === "string" || collect(this.#libc, pid);
  }

  #forget(pid: number): void {
    this.#folders.delete(pid);
    if (this.#folders.size > 0) return;
    this.#unlisten?.();
    this.#unlisten = undefined;
    this.#timer?.cancel();
    this.#timer = undefined;
  }
}

function isAnswerTo(folder: string | undefined, message: unknown): boolean {
  if (typeof message !== "object" || message === null) return false;
  const { collects } = bare(message as Partial<MainAnswer>);
  return collects !== undefined && collects === folder;
}

/** Whatever runs in this process can tell anything. */
function isNews(message: unknown): message is ThreadNews {
  if (typeof message !== "object" || message === null) return false;
  const { folder, pid, hasEnded } = message as Partial<ThreadNews>;
  return (
    typeof folder === "string" &&
    /^\/proc\/\d+\/task\/\d+$/.test(folder) &&
    Number.isInteger(pid) &&
    (pid as number) > 1 &&
    typeof hasEnded === "boolean"
  );
}
