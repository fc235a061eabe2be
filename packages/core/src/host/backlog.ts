/**
 * Everything that waits for a worker: what any may take, and what only one may take (a key's, a broadcast's). Owns
 * which key belongs to which worker. Generic over tasks and workers: it starts nothing and knows no time.
 *
 *     shared      any worker: no key, or the first of a key that no worker has yet
 *     followers   the others of that key: they wait for the first to find its worker
 *     own         of one worker: the keys it has, and what was broadcast to it
 */
import { isEarlier, Queue, type Queued } from "./queue.ts";

export interface Waiting<T, W> extends Queued<T> {
  /** Tasks with the same key go to the same worker. */
  readonly key: string | undefined;
  /** The one worker that may take it. */
  readonly target: W | undefined;
}

interface Binding<T extends Waiting<T, W>, W> {
  worker: W | undefined;
  /** In the shared queue, while no worker has the key. */
  first: T | undefined;
  readonly followers: Queue<T>;
}

/** Keys whose worker is remembered, at most; beyond it the one that was used longest ago is forgotten. */
const MAX_KEYS = 10_000;

export class Backlog<T extends Waiting<T, W>, W extends object> {
  readonly #shared = new Queue<T>();
  /** Of workers with something to do. */
  readonly #own = new Map<W, Queue<T>>();
  readonly #bindings = new Map<string, Binding<T, W>>();
  readonly #keyCounts = new Map<W, number>();
  #size = 0;

  get size(): number {
    return this.#size;
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
    return this.#own.keys();
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
    return key === undefined ? undefined : this.#bindings.get(key)?.worker;
  }

  push(task: T): void {
    this.#size++;
    this.#placeOf(task).push(task);
  }

  /** For one that was taken out and waits again: where it belongs by its rank. */
  restore(task: T): void {
    this.#size++;
    this.#placeOf(task).restore(task);
  }

  /** The task must wait here. */
  remove(task: T): void {
    this.#size--;
    const binding = task.key === undefined ? undefined : this.#bindings.get(task.key);
    if (task.target !== undefined) this.#removeOwn(task.target, task);
    else if (binding?.worker !== undefined) this.#removeOwn(binding.worker, task);
    else if (binding === undefined || binding.first === task) {
      this.#shared.remove(task);
      if (binding !== undefined) this.#promote(task.key as string, binding);
    } else binding.followers.remove(task);
  }

  /** Takes out what the worker is to do next: the earlier of its own and of what any may take. */
  next(worker: W): T | undefined {
    const own = this.#own.get(worker)?.peek();
    const shared = this.#shared.peek();
    if (own !== undefined && (shared === undefined || isEarlier(own, shared))) {
      this.#size--;
      this.#removeOwn(worker, own);
      return own;
    }
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
    for (const [key, binding] of this.#bindings) if (binding.worker === worker) this.#bindings.delete(key);
    this.#keyCounts.delete(worker);
    const own = this.#own.get(worker);
    this.#own.delete(worker);
    const lost: T[] = [];
    for (let task = own?.shift(); task !== undefined; task = own?.shift()) {
      this.#size--;
      if (task.target === worker) lost.push(task);
      else this.restore(task);
    }
    return lost;
  }

  #placeOf(task: T): Queue<T> {
    if (task.target !== undefined) return this.#ownQueue(task.target);
    if (task.key === undefined) return this.#shared;
    const binding = this.#bindings.get(task.key);
    if (binding === undefined) {
      this.#bindings.set(task.key, { worker: undefined, first: task, followers: new Queue() });
      return this.#shared;
    }
    if (binding.worker !== undefined) return this.#ownQueue(binding.worker);
    if (binding.first !== undefined) return binding.followers;
    binding.first = task;
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
  }

  #bind(key: string, worker: W): void {
    const binding = this.#bindings.get(key) as Binding<T, W>;
    binding.worker = worker;
    binding.first = undefined;
    this.#keyCounts.set(worker, this.keysOf(worker) + 1);
    for (let task = binding.followers.shift(); task !== undefined; task = binding.followers.shift()) {
      this.#ownQueue(worker).restore(task);
    }
    this.#bindings.delete(key);
    this.#bindings.set(key, binding); // now the last to be forgotten
    if (this.#bindings.size > MAX_KEYS) this.#forgetOldest();
  }

  /** What waits for its worker stays there. */
  #forgetOldest(): void {
    for (const [key, { worker }] of this.#bindings) {
      if (worker === undefined || this.ownOf(worker) > 0) continue;
      this.#bindings.delete(key);
      this.#keyCounts.set(worker, this.keysOf(worker) - 1);
      return;
    }
  }

  /** The first of a key is gone: the next takes its part. */
  #promote(key: string, binding: Binding<T, W>): void {
    binding.first = binding.followers.shift();
    if (binding.first === undefined) this.#bindings.delete(key);
    else this.#shared.restore(binding.first);
  }
}
