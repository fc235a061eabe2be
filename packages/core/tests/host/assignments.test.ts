import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Assignments } from "../../src/host/assignments.ts";
import type { CancelCause, Task } from "../../src/host/task.ts";

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

  /** A list in the order of sending is the whole of it; the class keeps no list, for speed. */
  test("are as in a plain list, whatever order tasks come, are answered and get seats in", () => {
    const step = fc.oneof(
      fc.constant({ kind: "add" as const }),
      fc.constant({ kind: "seat" as const }),
      fc.record({ kind: fc.constant("remove" as const), which: fc.nat(50) }),
    );
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 4 }), fc.array(step, { maxLength: 60 }), (seats, steps) => {
        const assignments = new Assignments(seats);
        const model: { sequence: number; isSeated: boolean }[] = [];
        for (const one of steps) {
          if (one.kind === "add") model.push({ sequence: assignments.add(taskIn()), isSeated: false });
          else if (one.kind === "seat") {
            const hasSeat = model.filter(({ isSeated }) => isSeated).length < seats;
            const expected = hasSeat ? model.find(({ isSeated }) => !isSeated) : undefined;
            expect(assignments.seatNext()?.sequence).toBe(expected?.sequence);
            if (expected !== undefined) expected.isSeated = true;
          } else if (model.length > 0) {
            const [gone] = model.splice(one.which % model.length, 1);
            assignments.remove(gone?.sequence as number);
          }
          expect(assignments.size).toBe(model.length);
          expect(assignments.seated).toBe(model.filter(({ isSeated }) => isSeated).length);
        }
      }),
    );
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
