import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Assignments } from "../../src/slot/assignments.ts";
import type { CancelCause } from "../../src/task/request.ts";
import type { Task } from "../../src/task/task.ts";

/** As much of a task as is looked at here. */
const taskIn = (state: Task["state"] = "ahead") => ({ state, sequence: 0 }) as Task;

function withTasks(seats: number, count: number): { assignments: Assignments; tasks: Task[] } {
  const assignments = new Assignments(seats);
  const tasks = Array.from({ length: count }, () => taskIn());
  for (const task of tasks) assignments.add(task);
  return { assignments, tasks };
}

function seatAll(assignments: Assignments): Task[] {
  const seated: Task[] = [];
  for (let task = assignments.seatNext(); task !== undefined; task = assignments.seatNext())
    seated.push(task);
  return seated;
}

const numbersOf = (tasks: readonly Task[]) => tasks.map(({ sequence }) => sequence);

describe("seats", () => {
  test("go to the first that were sent, and to the next when one is answered", () => {
    const { assignments, tasks } = withTasks(2, 4);
    expect(numbersOf(tasks)).toEqual([1, 2, 3, 4]);
    expect(numbersOf(seatAll(assignments))).toEqual([1, 2]);
    assignments.remove(2);
    expect(numbersOf(seatAll(assignments))).toEqual([3]);
    expect([assignments.size, assignments.seated]).toEqual([3, 2]);
  });

  test("are not freed by the answer of one that had none", () => {
    const { assignments } = withTasks(1, 3);
    seatAll(assignments);
    assignments.remove(2); // it was taken out before it began
    expect(assignments.seated).toBe(1);
    expect(seatAll(assignments)).toEqual([]);
    assignments.remove(1);
    expect(numbersOf(seatAll(assignments))).toEqual([3]);
  });

  test("are found by what comes after all have been answered", () => {
    const { assignments } = withTasks(1, 1);
    seatAll(assignments);
    assignments.remove(1);
    expect(assignments.seatNext()).toBeUndefined();
    assignments.add(taskIn());
    expect(numbersOf(seatAll(assignments))).toEqual([2]);
  });
});

interface Listed {
  readonly task: Task;
  isSeated: boolean;
  isAbandoned: boolean;
  isOverdue: boolean;
}

/** A list in the order of sending is the whole of it; the class keeps no list, for speed. */
test("counts and seats are as in a plain list, whatever order tasks come, are answered, given up and get seats in", () => {
  const step = fc.record({
    kind: fc.constantFrom("add", "add", "seat", "remove", "abandon", "expire"),
    which: fc.nat(50),
  });
  const play = (seats: number, steps: readonly { readonly kind: string; readonly which: number }[]) => {
    const assignments = new Assignments(seats);
    const list: Listed[] = [];
    for (const { kind, which } of steps) {
      const one = list[which % Math.max(1, list.length)];
      if (kind === "add") {
        const task = taskIn();
        assignments.add(task);
        list.push({ task, isSeated: false, isAbandoned: false, isOverdue: false });
      } else if (kind === "seat") {
        const hasSeat = list.filter(({ isSeated }) => isSeated).length < seats;
        const expected = hasSeat ? list.find(({ isSeated }) => !isSeated) : undefined;
        expect(assignments.seatNext()).toBe(expected?.task);
        if (expected !== undefined) expected.isSeated = true;
      } else if (one !== undefined) {
        const { sequence } = one.task;
        if (kind === "remove") {
          list.splice(list.indexOf(one), 1);
          assignments.remove(sequence);
        } else if (kind === "abandon") {
          expect(assignments.abandon(one.task, "aborted")).toBe(sequence);
          one.isAbandoned = true;
          one.isOverdue = false;
        } else {
          assignments.expire(sequence);
          one.isOverdue = one.isAbandoned;
        }
      }
      const seated = list.filter(({ isSeated }) => isSeated);
      const isUseless = seated.length > 0 && seated.every(({ isOverdue }) => isOverdue);
      expect({
        size: assignments.size,
        seated: assignments.seated,
        queued: assignments.queued,
        hasAbandoned: assignments.hasAbandoned,
        isOpen: assignments.isOpen,
        uselessBecause: assignments.uselessBecause,
      }).toEqual({
        size: list.length,
        seated: seated.length,
        queued: list.filter(({ isSeated, isAbandoned }) => !isSeated && !isAbandoned).length,
        hasAbandoned: list.some(({ isAbandoned }) => isAbandoned),
        isOpen: !list.some(({ isOverdue }) => isOverdue),
        uselessBecause: isUseless ? "aborted" : undefined,
      });
    }
    assignments.split(0);
    expect([assignments.size, assignments.seated, assignments.queued]).toEqual([0, 0, 0]);
  };
  fc.assert(fc.property(fc.integer({ min: 1, max: 4 }), fc.array(step, { maxLength: 60 }), play), {
    numRuns: 500,
  });
});

describe("a task that was given up", () => {
  test.each<[string, CancelCause]>([
    ["by its caller", "aborted"],
    ["by time", "timeout"],
  ])("%s makes its worker useless once it should have stopped", (_, why) => {
    const { assignments, tasks } = withTasks(1, 2);
    seatAll(assignments);
    expect(assignments.abandon(tasks[0] as Task, why)).toBe(1);
    expect([assignments.uselessBecause, assignments.isOpen]).toEqual([undefined, true]);
    assignments.expire(1);
    expect([assignments.uselessBecause, assignments.isOpen]).toEqual([why, false]);
  });

  test("spares a worker that also runs one nobody gave up, until that is over", () => {
    const { assignments, tasks } = withTasks(2, 3);
    seatAll(assignments);
    assignments.abandon(tasks[0] as Task, "aborted");
    assignments.expire(1);
    expect(assignments.uselessBecause).toBeUndefined();
    assignments.remove(2);
    expect(assignments.uselessBecause).toBe("aborted");
  });

  test("is forgotten with its answer, in time or not", () => {
    const { assignments, tasks } = withTasks(1, 1);
    seatAll(assignments);
    assignments.abandon(tasks[0] as Task, "timeout");
    assignments.remove(1);
    assignments.expire(1);
    expect([assignments.hasAbandoned, assignments.isOpen, assignments.uselessBecause]).toEqual([
      false,
      true,
      undefined,
    ]);
  });

  test("is not here when it was answered, or never came", () => {
    const { assignments, tasks } = withTasks(1, 1);
    assignments.remove(1);
    expect(assignments.abandon(tasks[0] as Task, "aborted")).toBeUndefined();
    expect(assignments.abandon(taskIn(), "aborted")).toBeUndefined();
  });
});

test("a death tells apart what had started, what had not, and what nobody waits for", () => {
  const assignments = new Assignments(2);
  const tasks = (["running", "ending", "ahead", "settled", "ahead"] as const).map(taskIn);
  for (const task of tasks) assignments.add(task);
  seatAll(assignments);
  const { started, unstarted, abandoned } = assignments.split(3);
  expect([started, unstarted, abandoned].map(numbersOf)).toEqual([[1, 3], [5], [2, 4]]);
  expect(assignments.size).toBe(0);
});
