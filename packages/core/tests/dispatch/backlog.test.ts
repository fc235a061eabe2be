import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Backlog, type Waiting } from "../../src/dispatch/backlog.ts";
import { isEarlier } from "../../src/dispatch/queue.ts";
import { PRIORITY_STEP_MS } from "../../src/task/task.ts";
import { many, runs } from "../support/effort.ts";

interface Worker {
  readonly id: string;
}

interface Item extends Waiting<Item> {
  readonly name: number;
  /** It is a part of a broadcast to this one. */
  readonly target: Worker | undefined;
}

const [a, b, c]: [Worker, Worker, Worker] = [{ id: "a" }, { id: "b" }, { id: "c" }];

type Wishes = { key?: string | undefined; target?: Worker; priority?: number; at?: number };

const item = (name: number, { key, target, priority = 0, at = 0 }: Wishes = {}): Item => ({
  name,
  key,
  target,
  priority,
  rank: target === undefined ? at - priority * PRIORITY_STEP_MS : Number.NEGATIVE_INFINITY,
  order: name,
  previous: undefined,
  next: undefined,
});

function filled(...items: Item[]): Backlog<Item, Worker> {
  const backlog = new Backlog<Item, Worker>();
  for (const one of items) put(backlog, one);
  return backlog;
}

function put(backlog: Backlog<Item, Worker>, one: Item): void {
  if (one.target === undefined) backlog.push(one);
  else backlog.pushFor(one.target, one);
}

/** What the worker would do, one after the other. */
function allFor(backlog: Backlog<Item, Worker>, worker: Worker): number[] {
  const names: number[] = [];
  for (let one = backlog.next(worker); one !== undefined; one = backlog.next(worker)) names.push(one.name);
  return names;
}

describe("what any worker may take", () => {
  test("goes to whoever asks, first come first served", () => {
    const backlog = filled(item(0), item(1), item(2));
    expect([backlog.size, backlog.shared, backlog.head?.name]).toEqual([3, 3, 0]);
    expect([backlog.next(a)?.name, backlog.next(b)?.name, backlog.next(a)?.name]).toEqual([0, 1, 2]);
    expect([backlog.size, backlog.shared, backlog.head]).toEqual([0, 0, undefined]);
    expect(backlog.next(a)).toBeUndefined();
  });
});

describe("a key", () => {
  test("belongs to the worker that took its first task, and the others wait for that worker", () => {
    const backlog = filled(item(0, { key: "k" }), item(1, { key: "k" }), item(2));
    expect([backlog.shared, backlog.workerOf("k")]).toEqual([2, undefined]);
    expect(backlog.next(a)?.name).toBe(0);
    expect([backlog.workerOf("k"), backlog.keysOf(a), backlog.ownOf(a)]).toEqual([a, 1, 1]);
    expect(backlog.next(b)?.name).toBe(2);
    expect(backlog.next(b)).toBeUndefined();
    expect([...backlog.workersWithOwn]).toEqual([a]);
    expect(backlog.nextOwn(a)?.name).toBe(1);
    expect([...backlog.workersWithOwn]).toEqual([]);
  });

  test("is no reason for a second worker while its first task waits", () => {
    const backlog = filled(item(0, { key: "k" }), item(1, { key: "k" }), item(2, { key: "k" }));
    expect([backlog.size, backlog.shared]).toEqual([3, 1]);
  });

  test("keeps its worker while nothing of it waits", () => {
    const backlog = filled(item(0, { key: "k" }));
    backlog.next(a);
    backlog.push(item(1, { key: "k" }));
    expect([backlog.next(b), backlog.next(a)?.name]).toEqual([undefined, 1]);
  });

  test("goes on with the next task when its first is taken out before it found a worker", () => {
    const first = item(0, { key: "k" });
    const backlog = filled(first, item(1, { key: "k" }), item(2, { key: "k" }));
    backlog.remove(first);
    expect([backlog.size, backlog.shared, backlog.head?.name]).toEqual([2, 1, 1]);
    expect(allFor(backlog, a)).toEqual([1, 2]);
  });

  test("that has nothing left is forgotten before it found a worker", () => {
    const only = item(0, { key: "k" });
    const backlog = filled(only);
    backlog.remove(only);
    backlog.push(item(1, { key: "k" }));
    expect(backlog.next(b)?.name).toBe(1);
    expect(backlog.workerOf("k")).toBe(b);
  });

  test("has its most urgent task wait for a worker in the place of the first", () => {
    const backlog = filled(item(0, { key: "k" }), item(1), item(2, { key: "k", priority: 1 }));
    expect([backlog.shared, backlog.head?.name]).toEqual([2, 2]);
    expect(allFor(backlog, a)).toEqual([2, 0, 1]);
  });

  test("does its tasks by rank, and those of its worker that any may take in between", () => {
    const backlog = filled(
      item(0, { key: "k" }),
      item(1),
      item(2, { key: "k" }),
      item(3, { key: "k", priority: 1 }),
    );
    expect(allFor(backlog, a)).toEqual([3, 0, 1, 2]);
  });
});

describe("a worker that takes no more", () => {
  test("gives its keys free, and what they had waits anew, in order", () => {
    const backlog = filled(item(0, { key: "k" }), item(1, { key: "k" }), item(2, { key: "k" }), item(3));
    backlog.next(a);
    expect(backlog.ownOf(a)).toBe(2);
    expect(backlog.release(a)).toEqual([]);
    expect([backlog.workerOf("k"), backlog.keysOf(a), backlog.ownOf(a)]).toEqual([undefined, 0, 0]);
    expect([backlog.size, backlog.shared]).toEqual([3, 2]);
    expect(allFor(backlog, b)).toEqual([1, 2, 3]);
  });

  test("leaves nobody what was meant for it alone", () => {
    const backlog = filled(item(0, { target: a }), item(1, { target: b }), item(2, { target: a }), item(3));
    expect(backlog.release(a).map(({ name }) => name)).toEqual([0, 2]);
    expect(backlog.size).toBe(2);
    expect(allFor(backlog, b)).toEqual([1, 3]);
  });

  test("that had nothing changes nothing", () => {
    const backlog = filled(item(0, { key: "k" }));
    expect(backlog.release(a)).toEqual([]);
    expect(allFor(backlog, b)).toEqual([0]);
  });
});

describe("what is meant for one worker", () => {
  test("is no other's, and no reason to start one", () => {
    const backlog = filled(item(0, { target: a }), item(1, { target: b }));
    expect([backlog.size, backlog.shared, backlog.head]).toEqual([2, 0, undefined]);
    expect([backlog.next(c), backlog.next(b)?.name, backlog.next(a)?.name]).toEqual([undefined, 1, 0]);
  });

  test("goes before what waited there already", () => {
    const backlog = filled(item(0, { key: "k" }), item(1, { key: "k" }), item(2, { priority: 9 }));
    backlog.remove(backlog.head as Item);
    backlog.next(a);
    put(backlog, item(3, { target: a }));
    put(backlog, item(4, { target: a }));
    expect(allFor(backlog, a)).toEqual([3, 4, 1]);
  });

  test("can be taken out", () => {
    const one = item(0, { target: a });
    const backlog = filled(one);
    backlog.remove(one);
    expect([backlog.size, backlog.next(a), [...backlog.workersWithOwn]]).toEqual([0, undefined, []]);
  });
});

describe("the number of keys that are remembered", () => {
  const MAX_KEYS = 10_000;

  test("is bounded: the one used longest ago is forgotten, and one with something to do is not", () => {
    const backlog = filled(item(0, { key: "busy" }), item(1, { key: "busy" }), item(2, { key: "old" }));
    for (let i = 0; i < 2; i++) backlog.next(a);
    expect([backlog.keysOf(a), backlog.ownOf(a)]).toEqual([1, 0]);
    backlog.push(item(3, { key: "busy" }));
    backlog.next(b); // "old"
    for (let i = 0; i < MAX_KEYS - 1; i++) {
      backlog.push(item(4 + i, { key: `k${i}` }));
      expect(backlog.next(b)?.name).toBe(4 + i);
    }
    expect([backlog.workerOf("busy"), backlog.workerOf("old"), backlog.keysOf(b)]).toEqual([a, b, MAX_KEYS]);
    backlog.push(item(20_000, { key: "k0" }));
    backlog.next(b); // used again: no longer the oldest but one
    for (const key of ["x", "y"]) {
      backlog.push(item(20_001, { key }));
      backlog.next(b);
    }
    const workers = ["busy", "old", "k0", "k1", "k2"].map((key) => backlog.workerOf(key));
    expect(workers).toEqual([a, undefined, b, undefined, b]);
    expect(backlog.keysOf(b)).toBe(MAX_KEYS);
    expect(backlog.next(a)?.name).toBe(3);
  });

  test("costs no search, with as many keys that wait", () => {
    const waiting = Array.from({ length: many(100_000) }, (_, i) => item(i, { key: `k${i}` }));
    const backlog = filled(...waiting.slice(0, 10));
    for (const one of waiting.slice(10)) backlog.push(one);
    // With a search for each this took minutes: the deadline of the test is the assertion.
    expect(allFor(backlog, a)).toHaveLength(many(100_000));
    expect([backlog.size, backlog.keysOf(a)]).toEqual([0, MAX_KEYS]);
  });
});

/** The same by brute force: one list, and who has which key. */
class Model {
  readonly waiting: Item[] = [];
  readonly owners = new Map<string, Worker>();

  sorted(items: Item[]): Item[] {
    return items.sort((x, y) => (isEarlier(x, y) ? -1 : 1));
  }

  own(worker: Worker): Item[] {
    return this.sorted(
      this.waiting.filter(({ key, target }) =>
        target === undefined ? key !== undefined && this.owners.get(key) === worker : target === worker,
      ),
    );
  }

  get shared(): Item[] {
    const open = this.waiting.filter(
      ({ key, target }) => target === undefined && (key === undefined || !this.owners.has(key)),
    );
    const keys = new Set<string>();
    return this.sorted(open).filter(({ key }) => key === undefined || (!keys.has(key) && keys.add(key)));
  }

  take(one: Item | undefined): void {
    if (one !== undefined) this.waiting.splice(this.waiting.indexOf(one), 1);
  }

  next(worker: Worker): Item | undefined {
    const [shared] = this.shared;
    const [own] = this.own(worker);
    const one = own !== undefined && (shared === undefined || isEarlier(own, shared)) ? own : shared;
    this.take(one);
    if (one !== own && one?.key !== undefined) this.owners.set(one.key, worker);
    return one;
  }

  release(worker: Worker): Item[] {
    const lost = this.own(worker).filter(({ target }) => target === worker);
    for (const one of lost) this.take(one);
    for (const [key, owner] of this.owners) if (owner === worker) this.owners.delete(key);
    return lost;
  }
}

test("a backlog does what its model does, whatever is asked of it", () => {
  const workers = [a, b, c];
  const keys = [undefined, undefined, "k", "l", "m"];
  const operation = fc.record({
    kind: fc.constantFrom(
      "push",
      "push",
      "push",
      "broadcast",
      "next",
      "next",
      "nextOwn",
      "remove",
      "restore",
      "release",
    ),
    worker: fc.constantFrom(...workers),
    key: fc.constantFrom(...keys),
    priority: fc.constantFrom(0, 0, 0, 1, -1),
    pause: fc.constantFrom(0, 0, 1, 700),
    at: fc.nat(),
  });
  fc.assert(
    fc.property(fc.array(operation, { maxLength: 80 }), (operations) => {
      const backlog = new Backlog<Item, Worker>();
      const model = new Model();
      const out: Item[] = [];
      let [name, now] = [0, 0];
      for (const { kind, worker, key, priority, pause, at } of operations) {
        now += pause;
        if (kind === "push" || kind === "broadcast") {
          const one = item(name++, kind === "push" ? { key, priority, at: now } : { target: worker });
          put(backlog, one);
          model.waiting.push(one);
        } else if (kind === "next") {
          const one = backlog.next(worker);
          expect(one).toBe(model.next(worker));
          if (one !== undefined) out.push(one);
        } else if (kind === "nextOwn") {
          const one = backlog.nextOwn(worker);
          expect(one).toBe(model.own(worker)[0]);
          model.take(one);
          if (one !== undefined) out.push(one);
        } else if (kind === "remove" && model.waiting.length > 0) {
          const one = model.waiting[at % model.waiting.length] as Item;
          backlog.remove(one);
          model.take(one);
        } else if (kind === "restore" && out.length > 0) {
          const [one] = out.splice(at % out.length, 1) as [Item];
          if (one.target === undefined) backlog.restore(one);
          else backlog.pushFor(one.target, one);
          model.waiting.push(one);
        } else if (kind === "release") {
          expect(backlog.release(worker)).toEqual(model.release(worker));
        }
        const shared = model.shared;
        expect([backlog.size, backlog.shared]).toEqual([model.waiting.length, shared.length]);
        expect(backlog.head).toBe(shared[0]);
        for (const one of workers) {
          expect(backlog.ownOf(one)).toBe(model.own(one).length);
          expect(backlog.keysOf(one)).toBe(
            [...model.owners.values()].filter((owner) => owner === one).length,
          );
        }
        for (const one of keys) expect(backlog.workerOf(one)).toBe(model.owners.get(one ?? ""));
        expect(new Set(backlog.workersWithOwn)).toEqual(new Set(workers.filter((w) => backlog.ownOf(w) > 0)));
      }
      const rest = new Set(model.waiting);
      for (let one = backlog.takeAny(); one !== undefined; one = backlog.takeAny())
        expect(rest.delete(one)).toBe(true);
      expect([rest.size, backlog.size]).toEqual([0, 0]);
    }),
    { numRuns: runs(500) },
  );
});
