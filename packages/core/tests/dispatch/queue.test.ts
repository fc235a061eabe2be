import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isEarlier, Queue, type Queued } from "../../src/dispatch/queue.ts";
import { PRIORITY_STEP_MS } from "../../src/task/task.ts";

interface Item extends Queued<Item> {
  readonly name: number;
}

/** One that came `at`; those without a time came in the order of their names. */
const item = (name: number, priority = 0, at = 0): Item => ({
  name,
  priority,
  rank: at - priority * PRIORITY_STEP_MS,
  order: name,
  previous: undefined,
  next: undefined,
});

function drain(queue: Queue<Item>): number[] {
  const names: number[] = [];
  for (let next = queue.shift(); next !== undefined; next = queue.shift()) names.push(next.name);
  return names;
}

function filled(count: number): { queue: Queue<Item>; items: Item[] } {
  const queue = new Queue<Item>();
  const items = Array.from({ length: count }, (_, i) => item(i));
  for (const one of items) queue.push(one);
  return { queue, items };
}

describe("a queue", () => {
  test("gives first what came first", () => {
    const { queue } = filled(3);
    expect(queue.size).toBe(3);
    expect(drain(queue)).toEqual([0, 1, 2]);
    expect(queue.size).toBe(0);
  });

  test("that is empty gives undefined, and is still of use afterwards", () => {
    const queue = new Queue<Item>();
    expect(queue.shift()).toBeUndefined();
    queue.push(item(1));
    expect(drain(queue)).toEqual([1]);
    expect(queue.shift()).toBeUndefined();
    expect(queue.size).toBe(0);
  });

  test.each([0, 1, 2])("gives what was put back where it was before: %d", (index) => {
    const { queue, items } = filled(3);
    const one = items[index] as Item;
    queue.remove(one);
    queue.restore(one);
    expect(queue.size).toBe(3);
    expect(drain(queue)).toEqual([0, 1, 2]);
  });

  test("shows its first without giving it", () => {
    const { queue, items } = filled(2);
    expect([queue.peek(), queue.peek(), queue.size]).toEqual([items[0], items[0], 2]);
    queue.shift();
    expect(queue.peek()).toBe(items[1]);
    queue.shift();
    expect(queue.peek()).toBeUndefined();
  });

  test.each([
    ["first", 0, [1, 2]],
    ["middle", 1, [0, 2]],
    ["last", 2, [0, 1]],
  ])("lets go of its %s", (_, index, rest) => {
    const { queue, items } = filled(3);
    queue.remove(items[index] as Item);
    expect(queue.size).toBe(2);
    queue.push(item(7));
    expect(drain(queue)).toEqual([...rest, 7]);
  });

  test("keeps no link in what has left, so that a settled task holds no other", () => {
    const { queue, items } = filled(3);
    queue.remove(items[1] as Item);
    queue.shift();
    queue.shift();
    expect(items.map(({ previous, next }) => [previous, next])).toEqual(
      Array(3).fill([undefined, undefined]),
    );
  });

  test("takes the same thing again after it left", () => {
    const { queue, items } = filled(3);
    queue.remove(items[2] as Item);
    queue.push(items[2] as Item);
    queue.remove(items[0] as Item);
    queue.restore(items[0] as Item);
    expect(drain(queue)).toEqual([0, 1, 2]);
  });
});

describe("priority", () => {
  const order = (...items: Item[]): number[] => {
    const queue = new Queue<Item>();
    for (const one of items) queue.push(one);
    return drain(queue);
  };

  test("goes before what came earlier, the highest first", () => {
    expect(order(item(0), item(1, 1), item(2, -1), item(3, 2))).toEqual([3, 1, 0, 2]);
  });

  test("keeps the order of coming among equals", () => {
    expect(order(item(0, 1), item(1), item(2, 1), item(3), item(4, 1))).toEqual([0, 2, 4, 1, 3]);
  });

  test.each([
    ["is overtaken within the head start of a step", PRIORITY_STEP_MS - 1, [1, 0]],
    ["is not overtaken after it: so none starves", PRIORITY_STEP_MS + 1, [0, 1]],
    ["goes first when they are even, since it came first", PRIORITY_STEP_MS, [0, 1]],
  ])("that is low %s", (_, later, expected) => {
    expect(order(item(0, 0, 0), item(1, 1, later))).toEqual(expected);
  });

  test("that is low is served at last, however many of a high one come", () => {
    const queue = new Queue<Item>();
    const low = item(0, 0, 0);
    queue.push(low);
    let served: Item | undefined;
    let name = 1;
    for (let now = 1; served !== low; now += 10) {
      queue.push(item(name++, 5, now)); // they come as fast as they are served
      served = queue.shift();
      expect(now).toBeLessThan(5 * PRIORITY_STEP_MS + 100);
    }
  });
});

test("a queue does what a sorted array does, whatever is asked of it", () => {
  const operation = fc.record({
    kind: fc.constantFrom("push", "push", "push", "shift", "remove", "restore"),
    priority: fc.constantFrom(0, 0, 1, -1, 3, Number.MAX_SAFE_INTEGER),
    pause: fc.constantFrom(0, 0, 1, 400, 2_500),
    at: fc.nat(),
  });
  fc.assert(
    fc.property(fc.array(operation, { maxLength: 100 }), (operations) => {
      const queue = new Queue<Item>();
      const model: Item[] = [];
      const out: Item[] = [];
      const insert = (one: Item) => {
        model.push(one);
        model.sort((a, b) => (isEarlier(a, b) ? -1 : 1));
      };
      let [name, now] = [0, 0];
      for (const { kind, priority, pause, at } of operations) {
        now += pause;
        if (kind === "push") {
          const one = item(name++, priority, now);
          queue.push(one);
          insert(one);
        } else if (kind === "shift") {
          const first = model.shift();
          expect(queue.peek()).toBe(first);
          expect(queue.shift()).toBe(first);
          if (first !== undefined) out.push(first);
        } else if (kind === "remove" && model.length > 0) {
          const [one] = model.splice(at % model.length, 1) as [Item];
          queue.remove(one);
          expect([one.previous, one.next]).toEqual([undefined, undefined]);
          out.push(one);
        } else if (kind === "restore" && out.length > 0) {
          const [one] = out.splice(at % out.length, 1) as [Item];
          queue.restore(one);
          insert(one);
        }
        expect(queue.size).toBe(model.length);
        expectLinks(model);
      }
      expect(drain(queue)).toEqual(model.map((one) => one.name));
    }),
    { numRuns: 500 },
  );
});

/** Both ways within each line, and none between lines. */
function expectLinks(sorted: readonly Item[]): void {
  for (const line of Map.groupBy(sorted, ({ priority }) => priority).values()) {
    for (const [i, one] of line.entries()) {
      if (one.previous !== line[i - 1] || one.next !== line[i + 1]) expect.fail(`a wrong link at ${i}`);
    }
  }
}
