/**
 * Everything that waits for a worker: what any worker may take, and what only one may take (tasks of its keys, its part of
 * a broadcast). Which worker has a key is in keys.ts. Generic over tasks and workers: it starts nothing and has no clock.
 *
 *     shared      for any worker: tasks without a key, and the first of a key that no worker has yet
 *     followers   the other tasks of that key: they wait until the first has found its worker
 *     own         for one worker: tasks of the keys it has, and what was broadcast to it
 */
import { Keys } from "./keys.ts";
import { isEarlier, Queue, type Queued } from "./queue.ts";

export interface Waiting<T> extends Queued<T> {
  /** Tasks with the same key go to the same worker. */
  readonly key: string | undefined;
}

/** A key that no worker has yet. */
interface OpenKey<T extends Queued<T>> {
  /** The earliest, which waits in the shared queue. */
  first: T;
  readonly followers: Queue<T>;
}

const NONE: readonly never[] = [];

export class Backlog<T extends Waiting<T>, W extends object> {
  readonly #shared = new Queue<T>();
  /** Only workers with something waiting. */
  readonly #own = new Map<W, Queue<T>>();
  readonly #open = new Map<string, OpenKey<T>>();
  readonly #keys = new Keys<W>();
  /** For parts of broadcasts: the one worker that may take it. */
  readonly #targets = new Map<T, W>();
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** How many of these are parts of broadcasts. */
  get targeted(): number {
    return this.#targets.size;
  }

  /** How many tasks any worker may take: only these are a reason to start another worker. */
  get shared(): number {
    return this.#shared.size;
  }

  /** The next task that any worker may take. */
  get head(): T | undefined {
    return this.#shared.peek();
  }

  /** Workers with tasks that no other worker may take. */
  get workersWithOwn(): Iterable<W> {
    return this.#own.size === 0 ? NONE : this.#own.keys();
  }

  /** The next of the worker's own tasks; undefined when a shared task goes first. */
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
    return this.#keys.countOf(worker);
  }

  /** The worker the key belongs to. */
  workerOf(key: string | undefined): W | undefined {
    return key === undefined ? undefined : this.#keys.workerOf(key);
  }

  /** How many tasks wait for a key that no worker has yet. */
  openOf(key: string): number {
    const open = this.#open.get(key);
    return open === undefined ? 0 : 1 + open.followers.size;
  }

  /** Followers that will run beside the first of their key, in workers with this concurrency. */
  placedFollowers(concurrency: number): number {
    if (concurrency === 1) return 0;
    let count = 0;
    for (const { followers } of this.#open.values()) count += Math.min(followers.size, concurrency - 1);
    return count;
  }

  push(task: T): void {
    this.#size++;
    this.#placeOf(task).push(task);
  }

  /** For a part of a broadcast, which goes first. */
  pushFor(target: W, task: T): void {
    this.#size++;
    this.#targets.set(task, target);
    this.#ownQueue(target).restore(task);
  }

  /** For a task that was taken out and waits again: inserts it by rank. */
  restore(task: T): void {
    this.#size++;
    this.#placeOf(task).restore(task);
  }

  /** The task must be waiting here. */
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

  /** Takes out the worker's next task: the earlier of its own and the shared ones. */
  next(worker: W): T | undefined {
    if (this.#own.size > 0 && this.ownHead(worker) !== undefined) return this.nextOwn(worker);
    const shared = this.#shared.peek();
    if (shared === undefined) return undefined;
    this.#size--;
    this.#shared.remove(shared);
    if (shared.key !== undefined) this.#bind(shared.key, worker);
    return shared;
  }

  /** Takes out the next task that only this worker may take. */
  nextOwn(worker: W): T | undefined {
    const own = this.#own.get(worker)?.peek();
    if (own === undefined) return undefined;
    this.#size--;
    this.#removeOwn(worker, own);
    return own;
  }

  /** Takes out any task, to empty the backlog. */
  takeAny(): T | undefined {
    const [own] = this.#own.values();
    const task = this.#shared.peek() ?? own?.peek();
    if (task !== undefined) this.remove(task);
    return task;
  }

  /** The worker takes no more tasks: frees its keys and puts their tasks back. Returns the parts of broadcasts that were for it. */
  release(worker: W): readonly T[] {
    this.#keys.release(worker);
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
    const worker = this.#keys.workerOf(key);
    if (worker !== undefined) {
      this.#keys.onAdded(key);
      return this.#ownQueue(worker);
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
    if (!this.#targets.delete(task) && task.key !== undefined) this.#keys.onRemoved(task.key);
  }

  #bind(key: string, worker: W): void {
    const { followers } = this.#open.get(key) as OpenKey<T>;
    this.#open.delete(key);
    this.#keys.bind(key, worker, followers.size);
    for (let task = followers.shift(); task !== undefined; task = followers.shift()) {
      this.#ownQueue(worker).restore(task);
    }
  }

  /** The first of a key is gone: the next takes its place. */
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
