/**
 * Everything that waits for a worker: what any may take, and what only one may take (a key's, a broadcast's). Owns
 * which key belongs to which worker. Generic over tasks and workers: it starts nothing and knows no time.
 *
 *     shared      any worker: no key, or the first of a key that no worker has yet
 *     followers   the others of that key: they wait for the first to find its worker
 *     own         of one worker: the keys it has, and what was broadcast to it
 */
import { isEarlier, Queue, type Queued } from "./queue.ts";

export interface Waiting<T> extends Queued<T> {
  /** Tasks with the same key go to the same worker. */
  readonly key: string | undefined;
}

/** A key that no worker has yet. */
interface OpenKey<T extends Queued<T>> {
  /** In the shared queue: the earliest of them. */
  first: T;
  readonly followers: Queue<T>;
}

/** A key that a worker has. */
interface BoundKey<W> {
  readonly worker: W;
  /** Tasks of it in that worker's queue. */
  waiting: number;
}

/** Keys with nothing to do whose worker is remembered, at most; beyond it the one used longest ago is forgotten. */
const MAX_KEYS = 10_000;

const NONE: readonly never[] = [];

export class Backlog<T extends Waiting<T>, W extends object> {
  readonly #shared = new Queue<T>();
  /** Of workers with something to do. */
  readonly #own = new Map<W, Queue<T>>();
  readonly #open = new Map<string, OpenKey<T>>();
  readonly #bound = new Map<string, BoundKey<W>>();
  /** Of these, those with nothing that waits, in the order of their last use: forgetting one must not search. */
  readonly #idleKeys = new Set<string>();
  readonly #keyCounts = new Map<W, number>();
  /** The one worker that may take it: of parts of broadcasts. */
  readonly #targets = new Map<T, W>();
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** Of these, parts of broadcasts. */
  get targeted(): number {
    return this.#targets.size;
  }

  /** What any worker may take: that alone is a reason to start another. */
  get shared(): number {
    return this.#shared.size;
  }

  /** The next that any worker may take. */
  get head(): T | undefined {
    return this.#shared.peek();
  }

  /** The workers for which something waits that no other may take. */
  get workersWithOwn(): Iterable<W> {
    return this.#own.size === 0 ? NONE : this.#own.keys();
  }

  /** The next of what waits for this worker alone; undefined where it is not before all that any may take. */
  ownHead(worker: W): T | undefined {
    const own = this.#own.get(worker)?.peek();
    const shared = this.#shared.peek();
    return own !== undefined && (shared === undefined || isEarlier(own, shared)) ? own : undefined;
  }

  ownOf(worker: W): number {
    return this.#own.get(worker)?.size ?? 0;
  }

  /** How many keys the worker has. */
  keysOf(worker: W): number {
    return this.#keyCounts.get(worker) ?? 0;
  }

  /** The worker the key belongs to. */
  workerOf(key: string | undefined): W | undefined {
    return key === undefined ? undefined : this.#bound.get(key)?.worker;
  }

  /** How many wait of a key that no worker has yet. */
  openOf(key: string): number {
    const open = this.#open.get(key);
    return open === undefined ? 0 : 1 + open.followers.size;
  }

  /** Followers that will have a seat beside the first of their key, where a worker has so many. */
  placedFollowers(seats: number): number {
    if (seats === 1) return 0;
    let count = 0;
    for (const { followers } of this.#open.values()) count += Math.min(followers.size, seats - 1);
    return count;
  }

  push(task: T): void {
    this.#size++;
    this.#placeOf(task).push(task);
  }

  /** For a part of a broadcast, which goes before what came earlier. */
  pushFor(target: W, task: T): void {
    this.#size++;
    this.#targets.set(task, target);
    this.#ownQueue(target).restore(task);
  }

  /** For one that was taken out and waits again: where it belongs by its rank. */
  restore(task: T): void {
    this.#size++;
    this.#placeOf(task).restore(task);
  }

  /** The task must wait here. */
  remove(task: T): void {
    this.#size--;
    const open = task.key === undefined ? undefined : this.#open.get(task.key);
    const worker = this.#targets.get(task) ?? this.workerOf(task.key);
    if (worker !== undefined) this.#removeOwn(worker, task);
    else if (open !== undefined && open.first !== task) open.followers.remove(task);
    else {
      this.#shared.remove(task);
      if (open !== undefined) this.#promote(task.key as string, open);
    }
  }

  /** Takes out what the worker is to do next: the earlier of its own and of what any may take. */
  next(worker: W): T | undefined {
    if (this.#own.size > 0 && this.ownHead(worker) !== undefined) return this.nextOwn(worker);
    const shared = this.#shared.peek();
    if (shared === undefined) return undefined;
    this.#size--;
    this.#shared.remove(shared);
    if (shared.key !== undefined) this.#bind(shared.key, worker);
    return shared;
  }

  /** Takes out what only this worker may do. */
  nextOwn(worker: W): T | undefined {
    const own = this.#own.get(worker)?.peek();
    if (own === undefined) return undefined;
    this.#size--;
    this.#removeOwn(worker, own);
    return own;
  }

  /** Takes out any: for the end of a pool. */
  takeAny(): T | undefined {
    const [own] = this.#own.values();
    const task = this.#shared.peek() ?? own?.peek();
    if (task !== undefined) this.remove(task);
    return task;
  }

  /** The worker takes no more: its keys are free, and what they had waits anew. Returns what was meant for it alone. */
  release(worker: W): readonly T[] {
    for (const [key, bound] of this.#bound) if (bound.worker === worker) this.#forget(key);
    this.#keyCounts.delete(worker);
    const own = this.#own.get(worker);
    this.#own.delete(worker);
    const lost: T[] = [];
    for (let task = own?.shift(); task !== undefined; task = own?.shift()) {
      this.#size--;
      if (this.#targets.delete(task)) lost.push(task);
      else this.restore(task);
    }
    return lost;
  }

  #placeOf(task: T): Queue<T> {
    const { key } = task;
    if (key === undefined) return this.#shared;
    const bound = this.#bound.get(key);
    if (bound !== undefined) {
      bound.waiting++;
      this.#idleKeys.delete(key);
      return this.#ownQueue(bound.worker);
    }
    const open = this.#open.get(key);
    if (open === undefined) this.#open.set(key, { first: task, followers: new Queue() });
    else if (isEarlier(open.first, task)) return open.followers;
    else {
      this.#shared.remove(open.first);
      open.followers.restore(open.first);
      open.first = task;
    }
    return this.#shared;
  }

  #ownQueue(worker: W): Queue<T> {
    const queue = this.#own.get(worker) ?? new Queue<T>();
    this.#own.set(worker, queue);
    return queue;
  }

  #removeOwn(worker: W, task: T): void {
    const queue = this.#own.get(worker) as Queue<T>;
    queue.remove(task);
    if (queue.size === 0) this.#own.delete(worker);
    if (this.#targets.delete(task) || task.key === undefined) return;
    const bound = this.#bound.get(task.key) as BoundKey<W>;
    if (--bound.waiting === 0) this.#rest(task.key);
  }

  #bind(key: string, worker: W): void {
    const { followers } = this.#open.get(key) as OpenKey<T>;
    this.#open.delete(key);
    this.#bound.set(key, { worker, waiting: followers.size });
    this.#keyCounts.set(worker, this.keysOf(worker) + 1);
    if (followers.size === 0) this.#rest(key);
    for (let task = followers.shift(); task !== undefined; task = followers.shift()) {
      this.#ownQueue(worker).restore(task);
    }
  }

  /** Nothing of the key waits: its worker is only remembered. */
  #rest(key: string): void {
    this.#idleKeys.add(key);
    if (this.#idleKeys.size <= MAX_KEYS) return;
    const [oldest] = this.#idleKeys;
    this.#forget(oldest as string);
  }

  #forget(key: string): void {
    const { worker } = this.#bound.get(key) as BoundKey<W>;
    this.#bound.delete(key);
    this.#idleKeys.delete(key);
    this.#keyCounts.set(worker, this.keysOf(worker) - 1);
  }

  /** The first of a key is gone: the next takes its part. */
  #promote(key: string, open: OpenKey<T>): void {
    const next = open.followers.shift();
    if (next === undefined) {
      this.#open.delete(key);
      return;
    }
    open.first = next;
    this.#shared.restore(next);
  }
}
