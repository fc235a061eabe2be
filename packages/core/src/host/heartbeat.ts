/**
 * Whether a worker that has tasks still answers: a ping every half `hangTimeout`, answered by its event loop. Any byte
 * it sends counts as an answer. Silent while the worker has nothing to do.
 */
import type { Runtime, Timer } from "../port/runtime.ts";

export interface HeartbeatEvents {
  isBusy(): boolean;
  ping(): void;
  /** It has answered nothing for `hangTimeout`. */
  onHung(): void;
}

/**
 * A host whose own loop was held up finds its timer due before it has read the answers that wait: it reads first. In ms.
 */
const LAST_LOOK_MS = 50;

export class Heartbeat {
  readonly #runtime: Runtime;
  readonly #timeout: number;
  readonly #events: HeartbeatEvents;
  #timer: Timer | undefined;
  #wasHeard = false;
  #pingedAt = 0;

  constructor(runtime: Runtime, timeout: number, events: HeartbeatEvents) {
    this.#runtime = runtime;
    this.#timeout = timeout;
    this.#events = events;
  }

  /** The worker has something to do. */
  begin(): void {
    if (this.#timer === undefined && this.#timeout !== Number.POSITIVE_INFINITY) this.#ask();
  }

  /** It has sent something. */
  heard(): void {
    this.#wasHeard = true;
  }

  end(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  #ask(): void {
    this.#wasHeard = false;
    this.#pingedAt = this.#runtime.now();
    this.#events.ping();
    this.#lookIn(this.#timeout / 2);
  }

  #lookIn(ms: number): void {
    this.#timer = this.#runtime.startTimer(ms, () => this.#look());
  }

  #look(): void {
    this.#timer = undefined;
    if (!this.#events.isBusy()) return;
    const left = this.#timeout - (this.#runtime.now() - this.#pingedAt);
    if (this.#wasHeard) this.#ask();
    else if (left > 0)
      this.#lookIn(Math.ceil(left)); // a rest of rounding would be a timer of no time at all
    else this.#timer = this.#runtime.startTimer(LAST_LOOK_MS, () => this.#lookLast());
  }

  #lookLast(): void {
    this.#timer = undefined;
    if (this.#wasHeard) this.begin();
    else if (this.#events.isBusy()) this.#events.onHung();
  }
}
