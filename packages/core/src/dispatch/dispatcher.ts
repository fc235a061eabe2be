/**
 * Hands out waiting tasks: to which worker, in which order, and how many may wait. Owns the backlog, and the tasks in
 * back-off before a retry; whether there are enough workers is up to the supervisor.
 */
import { QueueFullError } from "../errors.ts";
import type { ResolvedOptions } from "../options/pool-options.ts";
import type { Slot } from "../slot/slot.ts";
import type { Supervisor } from "../supervision/supervisor.ts";
import type { Task } from "../task/task.ts";
import { Backlog } from "./backlog.ts";
import { FreeSlots } from "./free-slots.ts";
import { type Lookout, pickAhead } from "./pick-ahead.ts";

export interface DispatcherEvents {
  /** The queue is full. Called once until `onEmpty`. */
  onFull(): void;
  /** After `onFull`: no task waits any more. */
  onEmpty(): void;
}

/** Why a queue of so many is full. */
const WAITING = ["no worker is free, and no call may wait", "1 call waits already"];

export class Dispatcher {
  isFull = false;
  readonly #options: ResolvedOptions;
  readonly #supervisor: Supervisor;
  readonly #lookout: Lookout;
  readonly #events: DispatcherEvents;
  readonly #backlog = new Backlog<Task, Slot>();
  readonly #free: FreeSlots<Slot>;
  readonly #resting = new Set<Task>();
  /** Where the last search for a worker to send ahead to began. */
  #lookedFrom = 0;

  constructor(options: ResolvedOptions, supervisor: Supervisor, lookout: Lookout, events: DispatcherEvents) {
    this.#options = options;
    this.#supervisor = supervisor;
    this.#lookout = lookout;
    this.#free = new FreeSlots(options.concurrentTasksPerWorker);
    this.#events = events;
  }

  /** Tasks that wait: for a worker, or for their back-off. */
  get size(): number {
    return this.#backlog.size + this.#resting.size;
  }

  /** Tasks that any worker may take. */
  get shared(): number {
    return this.#backlog.shared;
  }

  /**
   * A call for which capacity is free, or can be started, does not wait and so does not count towards `maxQueue`.
   *
   * @throws QueueFullError when the queue is full.
   */
  assertRoom(name: string, key: string | undefined): void {
    const { maxQueue, concurrentTasksPerWorker } = this.#options;
    if (maxQueue === Number.POSITIVE_INFINITY) return;
    const { freeCapacity } = this.#supervisor;
    const open = key === undefined ? freeCapacity : this.#freeCapacityFor(key, freeCapacity);
    const { size, shared, targeted } = this.#backlog;
    const bound = size - shared - targeted - this.#backlog.placedFollowers(concurrentTasksPerWorker);
    if (open > 0 || bound + Math.max(0, -freeCapacity) < maxQueue) return;
    throw new QueueFullError(
      `Cannot run \`${name}\`: ${WAITING[maxQueue] ?? `${maxQueue} calls wait already`} (maxQueue); ` +
        "wait until some have settled, or raise `maxQueue`",
      { task: name },
    );
  }

  /** One worker has, or will get, all calls of the key. */
  #freeCapacityFor(key: string, freeCapacity: number): number {
    const { concurrentTasksPerWorker } = this.#options;
    const worker = this.#backlog.workerOf(key);
    if (worker !== undefined) return concurrentTasksPerWorker - worker.occupied - this.#backlog.ownOf(worker);
    return Math.min(freeCapacity, concurrentTasksPerWorker - this.#backlog.openOf(key));
  }

  add(task: Task): void {
    this.#backlog.push(task);
    this.#onAdded();
  }

  /** For a part of a broadcast. */
  addFor(slot: Slot, task: Task): void {
    this.#backlog.pushFor(slot, task);
    this.#onAdded();
  }

  #onAdded(): void {
    this.dispatch();
    if (this.isFull || this.#backlog.size + this.#supervisor.ahead < this.#options.fullQueue) return;
    this.isFull = true;
    this.#events.onFull();
  }

  /** A worker is ready: it takes what waits. */
  onReady(slot: Slot): void {
    this.#free.mark(slot);
    this.handOut();
  }

  /** A task in it has ended. */
  onCapacity(slot: Slot): void {
    this.#free.mark(slot);
    this.dispatch();
  }

  /** Hands out tasks as far as capacity is free; requests workers for the rest. */
  dispatch(): void {
    this.handOut();
    if (this.#backlog.shared > 0 && this.#supervisor.hasRoom) this.#supervisor.converge();
  }

  /** Hands out tasks as far as capacity is free, and sends more ahead of it. */
  handOut(): void {
    for (let head = this.#backlog.head; head !== undefined; head = this.#backlog.head) {
      const slot = this.#free.pick(this.#mayWake, head.key === undefined ? undefined : this.#keysOf);
      if (slot === undefined) break;
      this.#run(slot, this.#backlog.next(slot) as Task);
    }
    for (const slot of this.#backlog.workersWithOwn) {
      while (slot.isReady && slot.occupied < this.#options.concurrentTasksPerWorker) {
        const task = this.#backlog.nextOwn(slot);
        if (task === undefined) break;
        this.#run(slot, task);
      }
    }
    if (this.#backlog.size > 0) this.#sendAhead();
    this.#announceIfEmpty();
  }

  #run(slot: Slot, task: Task): void {
    slot.run(task);
    this.#free.mark(slot); // it may have more free capacity
  }

  #announceIfEmpty(): void {
    if (!this.isFull || this.#backlog.size > 0 || this.#supervisor.ahead > 0) return;
    this.isFull = false;
    this.#events.onEmpty();
  }

  /** Sends the next tasks to busy workers before these have free capacity; in order, so that nothing is overtaken for long. */
  #sendAhead(): void {
    for (let head = this.#backlog.head; head?.mayGoAhead; head = this.#backlog.head) {
      const { slots } = this.#supervisor;
      const slot = pickAhead(
        slots,
        this.#hasNoOwn,
        head.name,
        this.#lookout,
        this.#lookedFrom++ % slots.length,
      );
      if (slot === undefined) break;
      slot.run(this.#backlog.next(slot) as Task);
    }
    for (const slot of this.#backlog.workersWithOwn) {
      const task = this.#backlog.ownHead(slot);
      if (!task?.mayGoAhead) continue;
      const able = pickAhead([slot], () => true, task.name, this.#lookout);
      if (able !== undefined) slot.run(this.#backlog.nextOwn(slot) as Task);
    }
  }

  readonly #mayWake = (): boolean => !this.#supervisor.hasReserve || this.#supervisor.mayWake;

  readonly #keysOf = (slot: Slot): number => this.#backlog.keysOf(slot);

  readonly #hasNoOwn = (slot: Slot): boolean => this.#backlog.ownOf(slot) === 0;

  /** It was aborted or timed out, wherever it waits: here, or sent ahead in a worker. */
  withdraw(task: Task): void {
    if (task.state === "queued") this.#backlog.remove(task);
    else if (task.state === "resting") this.#resting.delete(task);
    this.#announceIfEmpty();
  }

  rest(task: Task): void {
    this.#resting.add(task);
  }

  rested(task: Task): void {
    this.#resting.delete(task);
    this.#backlog.restore(task);
    this.dispatch();
  }

  /** They were sent to a worker that died before they began. */
  takeBack(tasks: readonly Task[]): void {
    for (const task of tasks) {
      if (task.request.isBroadcast) task.lose();
      else {
        task.returnToQueue();
        this.#backlog.restore(task);
      }
    }
  }

  /** The worker takes no more tasks: tasks of its keys wait for another, and its parts of broadcasts are lost. */
  release(slot: Slot): void {
    for (const task of this.#backlog.release(slot)) task.lose();
  }

  failAll(errorOf: (task: Task) => Error): void {
    for (const task of this.#resting) {
      this.#resting.delete(task);
      task.fail(errorOf(task));
    }
    for (let task = this.#backlog.takeAny(); task !== undefined; task = this.#backlog.takeAny()) {
      task.fail(errorOf(task));
    }
  }
}
