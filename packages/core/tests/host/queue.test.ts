import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Queue, type Queued } from "../../src/host/queue.ts";

interface Item extends Queued<Item> {
  readonly name: number;
}

const item = (name: number): Item => ({ name, previous: undefined, next: undefined });

/** The links both ways, read without the queue's own methods. */
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

  test("gives first what was put back to its front", () => {
    const { queue } = filled(2);
    queue.unshift(item(9));
    expect(drain(queue)).toEqual([9, 0, 1]);
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
    queue.remove(items[0] as Item);
    queue.push(items[0] as Item);
    queue.remove(items[2] as Item);
    queue.unshift(items[2] as Item);
    expect(drain(queue)).toEqual([2, 1, 0]);
  });

  test("does what an array does, whatever is asked of it", () => {
    const operation = fc.record({
      kind: fc.constantFrom("push", "push", "unshift", "shift", "remove"),
      at: fc.nat(),
    });
    fc.assert(
      fc.property(fc.array(operation, { maxLength: 100 }), (operations) => {
        const queue = new Queue<Item>();
        const model: Item[] = [];
        let name = 0;
        for (const { kind, at } of operations) {
          if (kind === "push" || kind === "unshift") {
            const one = item(name++);
            queue[kind](one);
            model[kind](one);
          } else if (kind === "shift") expect(queue.shift()).toBe(model.shift());
          else if (model.length > 0) queue.remove(model.splice(at % model.length, 1)[0] as Item);
          expect(queue.size).toBe(model.length);
          for (const [i, one] of model.entries()) {
            if (one.previous !== model[i - 1] || one.next !== model[i + 1])
              expect.fail(`a wrong link at ${i}`);
          }
        }
        expect(drain(queue)).toEqual(model.map((one) => one.name));
      }),
      { numRuns: 500 },
    );
  });
});
