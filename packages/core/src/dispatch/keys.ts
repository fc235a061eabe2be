/**
 * Which worker has which key: calls with the same key go to the same worker for as long as it takes tasks. Owns how many
 * keys are remembered. The tasks themselves wait in backlog.ts.
 */

interface Owned<W> {
  readonly worker: W;
  /** Its tasks that wait for that worker. */
  waiting: number;
}

/** How many idle keys keep their worker; beyond that, the least recently used is forgotten. */
const MAX_IDLE_KEYS = 10_000;

export class Keys<W extends object> {
  readonly #owned = new Map<string, Owned<W>>();
  /** Those with nothing waiting, least recently used first, so that forgetting one needs no search. */
  readonly #idle = new Set<string>();
  readonly #counts = new Map<W, number>();

  workerOf(key: string): W | undefined {
    return this.#owned.get(key)?.worker;
  }

  /** How many keys the worker has. */
  countOf(worker: W): number {
    return this.#counts.get(worker) ?? 0;
  }

  /** The first task of the key has found its worker; `waiting` others follow it there. */
  bind(key: string, worker: W, waiting: number): void {
    this.#owned.set(key, { worker, waiting });
    this.#counts.set(worker, this.countOf(worker) + 1);
    if (waiting === 0) this.#rest(key);
  }

  /** Another task waits for the worker that has the key. */
  onAdded(key: string): void {
    (this.#owned.get(key) as Owned<W>).waiting++;
    this.#idle.delete(key);
  }

  onRemoved(key: string): void {
    if (--(this.#owned.get(key) as Owned<W>).waiting === 0) this.#rest(key);
  }

  /** The worker takes no more tasks: the next task of each of its keys finds another. */
  release(worker: W): void {
    if (!this.#counts.has(worker)) return;
    for (const [key, owned] of this.#owned) if (owned.worker === worker) this.#forget(key);
    this.#counts.delete(worker);
  }

  /** Nothing waits for the key: only its worker is remembered. */
  #rest(key: string): void {
    this.#idle.add(key);
    if (this.#idle.size <= MAX_IDLE_KEYS) return;
    const [oldest] = this.#idle;
    this.#forget(oldest as string);
  }

  #forget(key: string): void {
    const { worker } = this.#owned.get(key) as Owned<W>;
    this.#owned.delete(key);
    this.#idle.delete(key);
    this.#counts.set(worker, this.countOf(worker) - 1);
  }
}
