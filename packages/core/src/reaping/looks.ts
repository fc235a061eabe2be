/**
 * When the guard looks for what ended workers have left behind: soon, but with a pause in between for all workers of the host, so
 * that ends that come together share one. Whoever waits for a look waits for no other but that under way. Owns the
 * waiting; the guard finds and kills (look-script.ts), and nothing here holds up a slot, which is free at its worker's exit.
 */
import type { Runtime, Timer } from "../port/runtime.ts";
import type { Trace } from "../trace.ts";
import { boundedWait } from "./bounded-wait.ts";
import type { Guard } from "./guard.ts";

/** What is known of a worker that has ended, and of what it started. */
export interface Remains {
  /** The value of its mark. */
  readonly mark: number;
  /** Its pid, which was the number of its group and session. */
  readonly leader: number;
  /** When it was started, and until when anything can have joined its session, in the kernel's own unit; empty if unknown. */
  readonly since: string;
  readonly till: string;
  /** Processes that were seen below it, with their start times. */
  readonly below: ReadonlyMap<number, string>;
}

/** The worker that takes an ended one's place comes first: a look takes as much CPU as half of its start. */
const BEFORE_LOOK_MS = 100;
/** From one look to the next, with which what has ended just behind the first is still gone within a second. */
const BETWEEN_LOOKS_MS = 700;
/** For one request, so that it is read quickly; what a killed process has started is found by its mark, too. */
const MAX_ROOTS = 4_000;

export class Looks {
  readonly #runtime: Pick<Runtime, "startTimer" | "now">;
  readonly #guard: Pick<Guard, "look">;
  readonly #trace: Trace | undefined;
  #waiting: Remains[] = [];
  #isLooking = false;
  #next: Timer | undefined;
  #last = Number.NEGATIVE_INFINITY;
  /** Who waits for the look that is under way, and for the next. */
  #onLooked: (() => void)[] = [];
  #onNextLooked: (() => void)[] = [];

  constructor(runtime: Pick<Runtime, "startTimer" | "now">, guard: Pick<Guard, "look">, trace?: Trace) {
    this.#runtime = runtime;
    this.#guard = guard;
    this.#trace = trace;
  }

  /** A worker has ended. */
  add(remains: Remains): void {
    this.#waiting.push(remains);
    this.#lookWhenDue();
  }

  /** Resolves when what the workers that have ended by now left is gone, or can't be ended. Keeps the host alive. */
  settled(): Promise<void> {
    const isNext = this.#waiting.length > 0;
    if (!isNext && !this.#isLooking) return Promise.resolve();
    return boundedWait(this.#runtime, (onDone) => {
      (isNext ? this.#onNextLooked : this.#onLooked).push(onDone);
      if (isNext && !this.#isLooking) this.#look();
    });
  }

  #lookWhenDue(): void {
    if (this.#isLooking || this.#next !== undefined || this.#waiting.length === 0) return;
    const due = this.#last + BETWEEN_LOOKS_MS - this.#runtime.now();
    this.#next = this.#runtime.startTimer(Math.max(due, BEFORE_LOOK_MS), () => this.#look());
  }

  #look(): void {
    this.#next?.cancel();
    this.#next = undefined;
    const ended = this.#waiting;
    this.#waiting = [];
    this.#isLooking = true;
    this.#last = this.#runtime.now();
    this.#trace?.guard(`looks for what ${ended.length} ended workers have left`);
    this.#onLooked = this.#onNextLooked;
    this.#onNextLooked = [];
    this.#guard.look(firstStart(ended), ended.map(({ mark }) => mark).join("|"), rootsOf(ended), () => {
      this.#isLooking = false;
      for (const tell of this.#onLooked.splice(0)) tell();
      if (this.#onNextLooked.length > 0) this.#look();
      else this.#lookWhenDue();
    });
  }
}

/** When the first of them was started; empty if that is not known of all. */
function firstStart(ended: readonly Remains[]): string {
  if (ended.some(({ since }) => since === "")) return "";
  return String(Math.min(...ended.map(({ since }) => Number(since))));
}

function rootsOf(ended: readonly Remains[]): readonly string[] {
  const leaders = ended.map(({ leader, since, till }) => `${leader}:${since}:${till}`);
  const below = ended.flatMap((remains) => [...remains.below].map(([pid, start]) => `${pid}:${start}`));
  return [...leaders, ...below].slice(0, MAX_ROOTS);
}
