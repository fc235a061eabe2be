import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { UnsupportedError } from "../../src/errors.ts";
import { descendantsOf, listDescendantsOn, listZombiesOn } from "../../src/reaping/inspect.ts";
import type { ProcessInfo } from "../../src/reaping/process-table.ts";
import { fakeProc } from "../support/fake-proc.ts";
import { FakeRuntime } from "../support/fake-runtime.ts";

/** Parent by pid. */
function table(parents: Readonly<Record<number, number>>): ProcessInfo[] {
  return Object.entries(parents).map(([pid, parent]) => ({
    pid: Number(pid),
    parent,
    group: Number(pid),
    session: Number(pid),
    state: "S",
    name: "sleep",
  }));
}

const pids = (processes: readonly ProcessInfo[]) => processes.map(({ pid }) => pid);

describe("the descendants of a process", () => {
  const all = table({ 1: 0, 10: 1, 20: 10, 21: 10, 30: 20, 31: 21, 40: 31, 50: 1, 51: 50 });

  test.each<[number, number[]]>([
    [10, [20, 21, 30, 31, 40]],
    [20, [30]],
    [40, []],
    [1, [10, 50, 20, 21, 51, 30, 31, 40]],
    [99, []],
  ])("of %i, generation by generation", (ancestor, expected) => {
    expect(pids(descendantsOf(ancestor, all))).toEqual(expected);
  });

  test.each<[string, Record<number, number>, number, number[]]>([
    ["itself", { 10: 10, 20: 10 }, 10, [20]],
    ["one of them", { 10: 20, 20: 10, 30: 20 }, 10, [20, 30]],
    ["one above them", { 10: 1, 20: 10, 30: 40, 40: 30 }, 10, [20]],
    ["each other, below it", { 10: 1, 20: 20, 30: 10, 40: 30 }, 10, [30, 40]],
  ])(
    "are told once each where a number was used again and the table has a circle: %s",
    (_, parents, ancestor, expected) => {
      expect(pids(descendantsOf(ancestor, table(parents)))).toEqual(expected);
    },
  );

  test("are told once each in any table whatever", () => {
    const parents = fc.array(fc.nat(12), { minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(parents, fc.nat(12), (seeds, ancestor) => {
        const found = pids(descendantsOf(ancestor, table(Object.fromEntries(seeds.entries()))));
        expect(new Set(found).size).toBe(found.length);
        expect(found).not.toContain(ancestor);
      }),
    );
  });

  test("are those from whom a way leads up to it, in any order of the table", () => {
    const parents = fc.array(fc.nat(), { minLength: 1, maxLength: 30 });
    fc.assert(
      fc.property(parents, fc.infiniteStream(fc.nat()), fc.nat(), (seeds, order, pick) => {
        // Pids from 1; each has a parent with a lower number, 1 has none.
        const parentOf = Object.fromEntries(seeds.map((seed, i) => [i + 1, seed % (i + 1)]));
        const shuffled = table(parentOf)
          .map((info) => ({ info, at: order.next().value as number }))
          .sort((a, b) => a.at - b.at)
          .map(({ info }) => info);
        const ancestor = 1 + (pick % seeds.length);
        const isBelow = (pid: number): boolean =>
          pid !== 0 && (parentOf[pid] === ancestor || isBelow(parentOf[pid] ?? 0));
        expect(pids(descendantsOf(ancestor, shuffled)).sort((a, b) => a - b)).toEqual(
          Object.keys(parentOf).map(Number).filter(isBelow),
        );
      }),
    );
  });
});

describe("on a runtime", () => {
  const runtime = new FakeRuntime({}, { pid: 10 });
  runtime.proc = fakeProc(() => [
    { pid: 10, parent: 1 },
    { pid: 11, parent: 10 },
    { pid: 12, parent: 11, state: "Z", name: "dead" },
    { pid: 13, parent: 1, state: "Z" },
  ]);

  test("listDescendants tells all below the host, dead or alive, and nobody else", () => {
    expect(pids(listDescendantsOn(runtime)())).toEqual([11, 12]);
  });

  test("listZombies tells the dead of them", () => {
    expect(listZombiesOn(runtime)()).toEqual([
      { pid: 12, parent: 11, group: 12, session: 12, state: "Z", name: "dead" },
    ]);
  });

  test.each([
    ["listDescendants", listDescendantsOn],
    ["listZombies", listZombiesOn],
  ])("%s throws where /proc can't be read, and works as soon as it can", (_, on) => {
    const blind = new FakeRuntime({}, { pid: 10 });
    const list = on(blind);
    expect(() => list()).toThrow(UnsupportedError);
    expect(() => list()).toThrow(/^Expected \/proc to be readable: /);
    expect(() => list()).toThrow(expect.objectContaining({ code: "ERR_UNSUPPORTED" }));
    blind.proc = runtime.proc;
    expect(pids(list())).toContain(12);
  });
});
