/** One call without a pool: its states, its limits, its attempts, and what it lets go of. With time-limit.ts, run-limit.ts and item-flow.ts. */
import { describe, expect, test } from "vitest";
import { HostClock } from "../../src/host/host-clock.ts";
import { LoopWatch } from "../../src/host/loop-watch.ts";
import type { ResolvedRunOptions } from "../../src/options/call-options.ts";
import type { AttemptStatus, TaskHolder, TaskLink } from "../../src/task/request.ts";
import { Task } from "../../src/task/task.ts";
import type { TaskLedger, TaskOwner } from "../../src/task/task-context.ts";
import { encode } from "../../src/wire/value.ts";
import { FakeClock } from "../support/fake-clock.ts";

const NONE: ResolvedRunOptions = {
  signal: undefined,
  timeout: Number.POSITIVE_INFINITY,
  queueTimeout: Number.POSITIVE_INFINITY,
  priority: 0,
  key: undefined,
  retries: undefined,
  onStart: undefined,
  onOutput: undefined,
  onProgress: undefined,
};
const RETRIES = {
  limit: 1,
  when: undefined,
  backoff: { initial: 100, factor: 2, max: 1_000, jitter: 0 },
};

class Holder implements TaskHolder {
  readonly worker = { id: 1, pid: 4711, state: "busy", uptime: 0, running: 1, finished: 0 } as const;
  heard: AttemptStatus = { hasBegun: true, isBehind: false };
  readonly log: string[] = [];
  cancel(_reason: unknown, why: string): void {
    this.log.push(`cancel: ${why}`);
  }
  catchUp(): AttemptStatus {
    return this.heard;
  }
  onStuck(): void {
    this.log.push("stuck");
  }
}

function scene(options: Partial<ResolvedRunOptions> = {}, { isStream = false } = {}) {
  const clock = new FakeClock();
  const log: string[] = [];
  const runtime = {
    now: () => clock.now,
    startTimer: (ms: number, callback: () => void) => clock.startTimer(ms, callback),
    afterTurn: (callback: () => void) => void clock.startTimer(0, callback),
  };
  const owner: TaskOwner<Task> = {
    onWithdrawn: () => log.push("withdrawn"),
    onResting: () => log.push("resting"),
    onRetry: () => {},
    onRested: () => log.push("rested"),
    onForeignError: (_, where) => log.push(`foreign error: ${where}`),
  };
  const ledger: TaskLedger<Task> = {
    onSettled: (_, isFulfilled) => log.push(isFulfilled ? "fulfilled" : "failed"),
  };
  const outcome = {
    fulfil: (value: unknown) => log.push(`value ${value}`),
    fail: (error: unknown, isCancelled?: boolean) =>
      log.push(`${(error as { code?: string }).code ?? error}${isCancelled ? ", cancelled" : ""}`),
    lost: undefined,
    item: isStream ? () => true : undefined,
  };
  const request = {
    name: "work",
    args: encode([], "args"),
    flags: 0,
    inputs: undefined,
    isBroadcast: false,
    outcome,
  };
  const context = {
    owner,
    ledger,
    loop: new LoopWatch(runtime),
    clock: new HostClock(runtime),
    patience: 1_000,
  };
  const holder = new Holder();
  const task = new Task(request, { ...NONE, ...options }, 0, context);
  const run = () => {
    task.assign(1, holder);
    task.start();
  };
  return { clock, log, holder, task, run };
}

describe("a task", () => {
  test("settles once, whatever comes after", () => {
    const { task, log, run } = scene();
    run();
    task.fulfil(1);
    task.fulfil(2);
    task.fail("late");
    task.abort("late");
    expect([log, task.state]).toEqual([["value 1", "fulfilled"], "settled"]);
  });

  test("without limits starts no timer", () => {
    const { task, clock, run } = scene();
    run();
    task.fulfil(1);
    expect(clock.pending).toBe(0);
  });

  test("that has waited too long tells its owner, and nobody else: no worker has it", async () => {
    const { clock, log, holder } = scene({ queueTimeout: 50 });
    await clock.advance(50);
    expect(log).toEqual(["withdrawn", "ERR_QUEUE_TIMEOUT, cancelled", "failed"]);
    expect(holder.log).toEqual([]);
  });

  test("that has run too long is cancelled by its holder alone", async () => {
    const { clock, log, holder, run } = scene({ timeout: 50, queueTimeout: 10 });
    run();
    await clock.advance(60);
    expect(holder.log).toEqual(["cancel: timeout"]);
    expect(log).toEqual(["withdrawn", "ERR_TASK_TIMEOUT, cancelled", "failed"]);
  });

  test("whose answer is found where its time seems over is not late", async () => {
    const { clock, log, holder, task, run } = scene({ timeout: 50 });
    run();
    holder.catchUp = () => {
      task.fulfil("just in time");
      return { hasBegun: true, isBehind: false };
    };
    await clock.advance(60);
    expect(log).toEqual(["value just in time", "fulfilled"]);
  });

  test("that its worker does not come to is stuck there, and the second time its time is over", async () => {
    const { clock, log, holder, task, run } = scene({ timeout: 50 });
    holder.heard = { hasBegun: false, isBehind: false };
    run();
    await clock.advance(1_100);
    expect([holder.log, log]).toEqual([["stuck"], []]);
    task.returnToQueue();
    run();
    await clock.advance(1_100);
    expect(log.slice(-2)).toEqual(["ERR_TASK_TIMEOUT, cancelled", "failed"]);
  });

  test("goes back to the queue as if it had not begun, and knows no holder there", () => {
    const { task, holder, log, run } = scene();
    run();
    task.returnToQueue();
    expect([task.state, task.retries]).toEqual(["queued", 0]);
    task.abort("enough");
    expect([holder.log, log]).toEqual([[], ["withdrawn", "enough, cancelled", "failed"]]);
  });
});

describe("an attempt that failed", () => {
  test("is followed by another after its back-off, as often as there are retries", async () => {
    const { task, clock, log, run } = scene({ retries: RETRIES });
    run();
    expect(task.failAttempt("dead", "death")).toBe(true);
    expect(task.state).toBe("resting");
    await clock.advance(100);
    expect([task.state, log]).toEqual(["queued", ["resting", "rested"]]);
    run();
    expect([task.failAttempt("dead", "death"), task.retries]).toEqual([false, 1]);
    expect(log.slice(-2)).toEqual(["dead", "failed"]);
  });

  test("by time is followed by another only when its worker has let go", async () => {
    const { task, clock, log, holder, run } = scene({ timeout: 50, retries: RETRIES });
    run();
    await clock.advance(60);
    expect([task.state, holder.log]).toEqual(["ending", ["cancel: timeout"]]);
    await clock.advance(10_000);
    expect(log).toEqual(["withdrawn"]);
    task.released();
    expect(task.state).toBe("resting");
  });

  test("is the last where `when` throws, and that is reported", () => {
    const when = () => {
      throw new Error("of the application");
    };
    const { task, log, run } = scene({ retries: { ...RETRIES, when } });
    run();
    expect(task.failAttempt("thrown", "thrown")).toBe(false);
    expect(log).toEqual(["foreign error: retries.when", "thrown", "failed"]);
  });
});

describe("a signal", () => {
  test("aborts the task where it is, and is let go of", () => {
    const controller = new AbortController();
    const { holder, log, run } = scene({ signal: controller.signal });
    run();
    controller.abort("enough");
    expect(holder.log).toEqual(["cancel: aborted"]);
    expect(log).toEqual(["withdrawn", "enough, cancelled", "failed"]);
  });

  test("that can't be let go of is reported, and the call settles", () => {
    const { signal } = new AbortController();
    signal.removeEventListener = () => {
      throw new Error("of the application");
    };
    const { task, log, run } = scene({ signal });
    run();
    task.fulfil(1);
    expect(log).toEqual(["foreign error: signal", "value 1", "fulfilled"]);
  });
});

describe("a stream", () => {
  test("asks its worker for what was pulled before there was one", () => {
    const { task, holder } = scene({}, { isStream: true });
    const pulled: number[] = [];
    const link = { pull: (count: number) => pulled.push(count) } as unknown as TaskLink;
    task.pull(3);
    task.pull(2);
    task.assign(1, holder);
    task.start(link);
    task.pull(4);
    expect(pulled).toEqual([5, 4]);
  });

  test("does not run while it waits for its consumer", async () => {
    const { task, clock, log, run } = scene({ timeout: 50 }, { isStream: true });
    run();
    await clock.advance(20);
    task.onItem("one"); // the consumer has enough for now
    await clock.advance(10_000);
    expect(log).toEqual([]);
    task.pull(1);
    await clock.advance(100);
    expect(log.slice(-2)).toEqual(["ERR_TASK_TIMEOUT, cancelled", "failed"]);
  });

  test("that is stopped resolves when its worker has let go of it", async () => {
    const { task, holder, run } = scene({}, { isStream: true });
    run();
    let isReleased = false;
    const stopped = task.stop("no more").then(() => (isReleased = true));
    await Promise.resolve();
    expect([isReleased, holder.log]).toEqual([false, ["cancel: aborted"]]);
    task.released();
    await stopped;
    expect(isReleased).toBe(true);
  });
});
