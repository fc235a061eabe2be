import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Assignment } from "../../src/slot/assignment.ts";
import { Assignments } from "../../src/slot/assignments.ts";
import type { CancelCause } from "../../src/task/request.ts";
import type { Task } from "../../src/task/task.ts";

/** As much of a task as is looked at here. */
const taskIn = (state: Task["state"] = "sent") => ({ state }) as Task;

const holding = {
  info: { id: 1, pid: 1, state: "busy", uptime: 0, running: 1, finished: 0 } as const,
  cancel: () => {},
  catchUp: () => ({ hasBegun: false, isBehind: false }),
  onStuck: () => {},
};

const add = (assignments: Assignments, task = taskIn()) => assignments.add(task, 0, holding);

function withTasks(concurrency: number, count: number): { assignments: Assignments; all: Assignment[] } {
  const assignments = new Assignments(concurrency);
  return { assignments, all: Array.from({ length: count }, () => add(assignments)) };
}

/** The nth that was added. */
const nth = (all: readonly Assignment[], n: number) => all[n - 1] as Assignment;

function startAll(assignments: Assignments): Assignment[] {
  const running: Assignment[] = [];
  for (let next = assignments.startNext(); next !== undefined; next = assignments.startNext())
    running.push(next);
  return running;
}

const numbersOf = (all: readonly Assignment[]) => all.map(({ sequence }) => sequence);

describe("concurrency", () => {
  test("go to the first that were sent, and to the next when one is answered", () => {
    const { assignments, all } = withTasks(2, 4);
    expect(numbersOf(all)).toEqual([1, 2, 3, 4]);
    expect(numbersOf(startAll(assignments))).toEqual([1, 2]);
    assignments.remove(nth(all, 2));
    expect(numbersOf(startAll(assignments))).toEqual([3]);
    expect([assignments.size, assignments.running]).toEqual([3, 2]);
  });

  test("are not freed by the answer of one that had none", () => {
    const { assignments, all } = withTasks(1, 3);
    startAll(assignments);
    assignments.remove(nth(all, 2)); // it was taken out before it began
    expect(assignments.running).toBe(1);
    expect(startAll(assignments)).toEqual([]);
    assignments.remove(nth(all, 1));
    expect(numbersOf(startAll(assignments))).toEqual([3]);
  });

  test("are found by what comes after all have been answered", () => {
    const { assignments, all } = withTasks(1, 1);
    startAll(assignments);
    assignments.remove(nth(all, 1));
    expect(assignments.startNext()).toBeUndefined();
    add(assignments);
    expect(numbersOf(startAll(assignments))).toEqual([2]);
  });
});

interface Listed {
  readonly assignment: Assignment;
  isRunning: boolean;
  isCancelled: boolean;
  isOverdue: boolean;
}

/** A list in the order of sending is the whole of it; the class keeps no list, for speed. */
test("counts are as in a plain list, whatever order tasks are added, started, cancelled and answered in", () => {
  const step = fc.record({
    kind: fc.constantFrom("add", "add", "start", "remove", "cancel", "expire"),
    which: fc.nat(50),
  });
  const play = (concurrency: number, steps: readonly { readonly kind: string; readonly which: number }[]) => {
    const assignments = new Assignments(concurrency);
    const list: Listed[] = [];
    for (const { kind, which } of steps) {
      const one = list[which % Math.max(1, list.length)];
      if (kind === "add") {
        list.push({ assignment: add(assignments), isRunning: false, isCancelled: false, isOverdue: false });
      } else if (kind === "start") {
        const hasCapacity = list.filter(({ isRunning }) => isRunning).length < concurrency;
        const expected = hasCapacity ? list.find(({ isRunning }) => !isRunning) : undefined;
        expect(assignments.startNext()).toBe(expected?.assignment);
        if (expected !== undefined) expected.isRunning = true;
      } else if (one !== undefined) {
        const { assignment } = one;
        if (kind === "remove") {
          list.splice(list.indexOf(one), 1);
          assignments.remove(assignment);
        } else if (kind === "cancel") {
          expect(assignments.cancel(assignment, "aborted")).toBe(true);
          one.isCancelled = true;
        } else {
          assignments.expire(assignment);
          one.isOverdue = one.isCancelled;
        }
      }
      const running = list.filter(({ isRunning }) => isRunning);
      const isUseless = running.length > 0 && running.every(({ isOverdue }) => isOverdue);
      expect({
        size: assignments.size,
        running: assignments.running,
        queued: assignments.queued,
        hasCancelled: assignments.hasCancelled,
        isOpen: assignments.isOpen,
        uselessBecause: assignments.uselessBecause,
      }).toEqual({
        size: list.length,
        running: running.length,
        queued: list.filter(({ isRunning, isCancelled }) => !isRunning && !isCancelled).length,
        hasCancelled: list.some(({ isCancelled }) => isCancelled),
        isOpen: !list.some(({ isOverdue }) => isOverdue),
        uselessBecause: isUseless ? "aborted" : undefined,
      });
    }
    assignments.split(0);
    expect([assignments.size, assignments.running, assignments.queued]).toEqual([0, 0, 0]);
  };
  fc.assert(fc.property(fc.integer({ min: 1, max: 4 }), fc.array(step, { maxLength: 60 }), play), {
    numRuns: 500,
  });
});

describe("a cancelled task", () => {
  test.each<[string, CancelCause]>([
    ["by its caller", "aborted"],
    ["by time", "timeout"],
  ])("%s makes its worker useless once it should have stopped", (_, why) => {
    const { assignments, all } = withTasks(1, 2);
    startAll(assignments);
    expect(assignments.cancel(nth(all, 1), why)).toBe(true);
    expect([assignments.uselessBecause, assignments.isOpen]).toEqual([undefined, true]);
    assignments.expire(nth(all, 1));
    expect([assignments.uselessBecause, assignments.isOpen]).toEqual([why, false]);
  });

  test("spares a worker that also runs one that was not cancelled, until that has ended", () => {
    const { assignments, all } = withTasks(2, 3);
    startAll(assignments);
    assignments.cancel(nth(all, 1), "aborted");
    assignments.expire(nth(all, 1));
    expect(assignments.uselessBecause).toBeUndefined();
    assignments.remove(nth(all, 2));
    expect(assignments.uselessBecause).toBe("aborted");
  });

  test("is forgotten with its answer, in time or not", () => {
    const { assignments, all } = withTasks(1, 1);
    startAll(assignments);
    assignments.cancel(nth(all, 1), "timeout");
    assignments.remove(nth(all, 1));
    assignments.expire(nth(all, 1));
    expect([assignments.hasCancelled, assignments.isOpen, assignments.uselessBecause]).toEqual([
      false,
      true,
      undefined,
    ]);
  });

  test("is not here when it was answered", () => {
    const { assignments, all } = withTasks(1, 1);
    assignments.remove(nth(all, 1));
    expect(assignments.cancel(nth(all, 1), "aborted")).toBe(false);
    expect(assignments.hasCancelled).toBe(false);
  });
});

test("a death tells apart what had started, what had not, and what was cancelled", () => {
  const assignments = new Assignments(2);
  const tasks = (["running", "ending", "sent", "settled", "sent"] as const).map(taskIn);
  for (const task of tasks) add(assignments, task);
  startAll(assignments);
  const { started, unstarted, cancelled } = assignments.split(3);
  expect([started, unstarted, cancelled].map(numbersOf)).toEqual([[1, 3], [5], [2, 4]]);
  expect(assignments.size).toBe(0);
});
