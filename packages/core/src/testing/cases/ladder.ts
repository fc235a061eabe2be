/** How a worker is made to go: told, asked by SIGTERM where its module listens, killed. And the exit hooks of one that leaves. */
import type { PoolOptions } from "../../options/pool-options.ts";
import { assert, assertEqual, type ContractCase, rejection, until } from "../contract-case.ts";
import { assertEnd, type Scene, withNotes } from "../ladder-scene.ts";

/** Far above what the test may take. */
const LONG = 30_000;
/** What a worker has after SIGTERM at most. */
const KILL_TIMEOUT = 1_000;

/** Each way in which nobody wants a task any more. */
const UNWANTED: Readonly<Record<string, (scene: Scene, how: string) => Promise<unknown>>> = {
  timeout: ({ pool }, how) =>
    rejection(pool.run("hang" as "pid", [how] as never, { timeout: 100 }), "ERR_TASK_TIMEOUT"),
  abort: async ({ pool }, how) => {
    const giveUp = new AbortController();
    const call = rejection(
      pool.run("hang" as "pid", [how] as never, { signal: giveUp.signal, onStart: () => giveUp.abort() }),
      "AbortError",
    );
    await call;
  },
  break: async ({ pool }, how) => {
    for await (const _ of pool.stream("count" as never, [how] as never)) break;
  },
};

const after = ([why, how, options = { killTimeout: KILL_TIMEOUT }]: readonly [
  why: string,
  how: string,
  options?: PoolOptions,
]) => ({
  options,
  named: `ladder: after ${why}, a worker that listens to SIGTERM ${how}`,
  bring: (scene: Scene) => (UNWANTED[why] as (scene: Scene, how: string) => Promise<unknown>)(scene, how),
});

const asked: readonly ContractCase[] = [
  after(["timeout", "once"]),
  after(["timeout", "slowly"]),
  after(["timeout", "natively"]),
  after(["timeout", "once more", { killTimeout: KILL_TIMEOUT, closeOnSignals: true }]),
  after(["abort", "slowly"]),
  after(["abort", "once", { killTimeout: KILL_TIMEOUT, concurrentTasksPerWorker: 2 }]),
  after(["break", "once"]),
].map(({ options, named, bring }) => ({
  name: `${named} cleans up and ends as it likes`,
  run: (subject) =>
    withNotes(subject, options, async (scene) => {
      await bring(scene);
      const event = await scene.ended();
      assertEqual(event.reason, named.includes("timeout") ? "timeout" : "aborted", "the reason");
      assertEnd(event, scene.noted(), 7, named.includes("slowly") ? ["SIGTERM", "tidied"] : ["SIGTERM"]);
    }),
}));

/** Who does not listen would be ended by SIGTERM at once, and could not tell that from SIGKILL: the host can. */
const unasked: readonly ContractCase[] = [
  after(["timeout", "never"]),
  after(["timeout", "no longer"]),
  after(["timeout", "once and has heard it"]),
  after(["abort", "with all removed"]),
  after(["abort", "only to SIGINT"]),
].map(({ options, named, bring }) => ({
  name: `${named} is killed at once`,
  run: (subject) =>
    withNotes(subject, options, async (scene) => {
      await bring(scene);
      const isSpent = named.includes("has heard"); // of which Bun does not tell: there SIGTERM ends it at once
      const signal = isSpent && subject.runtime.name === "bun" ? "SIGTERM" : "SIGKILL";
      assertEnd(await scene.ended(), scene.noted(), signal, isSpent ? ["SIGTERM"] : []);
    }),
}));

export const ladderCases: readonly ContractCase[] = [
  ...asked,
  ...unasked,
  {
    name: "ladder: a worker that listens from its start on is asked, whatever it runs",
    run: (subject) =>
      withNotes(
        subject,
        { killTimeout: KILL_TIMEOUT },
        async (scene) => {
          await UNWANTED.timeout?.(scene, "never");
          assertEnd(await scene.ended(), scene.noted(), 7, ["SIGTERM"]);
        },
        "once",
      ),
  },
  {
    name: "ladder: who takes no notice of SIGTERM is killed a moment later, and the next call runs",
    run: (subject) =>
      withNotes(subject, { killTimeout: KILL_TIMEOUT }, async (scene) => {
        const before = await scene.run("pid");
        await UNWANTED.timeout?.(scene, "ignored");
        const next = scene.run("pid");
        const event = await scene.ended();
        assertEqual(event.reason, "timeout", "the reason");
        assert((await next) !== before, "Expected another worker to run the next call");
        assertEnd(event, scene.noted(), "SIGKILL", ["SIGTERM", "starts"]);
      }),
  },
  {
    name: "ladder: a worker that listens and is then in an endless loop is killed all the same",
    run: (subject) =>
      withNotes(subject, { killTimeout: KILL_TIMEOUT }, async (scene) => {
        await rejection(
          scene.pool.run("spin" as "pid", ["once"] as never, { timeout: 100 }),
          "ERR_TASK_TIMEOUT",
        );
        assertEqual((await scene.ended()).exit.signal, "SIGKILL", "the signal");
        assertEqual(scene.noted(), [], "its notes");
      }),
  },
  ...(
    [
      ["once", ["a child hears SIGTERM"]],
      ["never", []],
    ] as const
  ).map(
    ([how, notes]): ContractCase => ({
      name: `ladder: what a worker in an endless loop has started is sent SIGTERM with it, if it listens ${how}`,
      run: (subject) =>
        withNotes(subject, { killTimeout: KILL_TIMEOUT }, async (scene) => {
          const giveUp = new AbortController();
          const call = scene.pool.run("spinAfterChild" as "pid", [how] as never, { signal: giveUp.signal });
          await until(subject.runtime, () => scene.isSpinning(), "the loop");
          giveUp.abort();
          await rejection(call, "AbortError");
          assertEnd(await scene.ended(), scene.noted(), "SIGKILL", notes);
        }),
    }),
  ),
  {
    name: "ladder: what waits in a worker that is asked to end runs in another, also when its task stops then",
    run: (subject) =>
      withNotes(subject, { killTimeout: KILL_TIMEOUT, prefetch: 3 }, async (scene) => {
        const before = await scene.run("pid");
        const options = { timeout: 200 };
        const over = rejection(scene.pool.run("hangUntilSIGTERM" as "pid", [], options), "ERR_TASK_TIMEOUT");
        const waiting = ["a", "b", "c"].map((what) => scene.run("noteCall", what));
        assertEqual(scene.pool.stats().queued, 3, "the calls that wait");
        await over;
        const pids = await Promise.all(waiting);
        assert(!pids.includes(before), "Expected another worker to run them");
        const others = ["starts", "a", "b", "c"];
        const noted = scene.noted();
        assertEqual(
          noted.filter((line) => line !== "SIGTERM"),
          others,
          "the notes of the other",
        );
        assertEnd(await scene.ended(), noted, "SIGKILL", ["SIGTERM", ...others]);
      }),
  },
  ...["never", "ignored", "slowly"].map(
    (how): ContractCase => ({
      name: `terminate: an idle worker that listens to SIGTERM ${how} runs teardown and leaves by itself`,
      run: (subject) =>
        withNotes(subject, { killTimeout: LONG }, async (scene) => {
          await scene.run("listen", how);
          const start = subject.runtime.now();
          await scene.pool.terminate();
          assert(subject.runtime.now() - start < LONG, "Expected it not to be waited for");
          const { exit, reason } = await scene.ended();
          assertEqual([exit.code, reason], [0, "terminated"], "the end");
          assertEqual(scene.noted(), ["tears down"], "its notes");
        }),
    }),
  ),
  {
    name: "terminate: an idle worker whose teardown hangs gets SIGTERM, then SIGKILL; asking again hurries nobody",
    run: (subject) =>
      withNotes(subject, { killTimeout: 3 * KILL_TIMEOUT }, async (scene) => {
        await scene.run("hangInTeardown");
        await scene.run("listen", "ignored");
        await Promise.all([scene.pool.terminate(), scene.pool.terminate()]);
        assertEnd(await scene.ended(), scene.noted(), "SIGKILL", ["hangs", "SIGTERM"]);
      }),
  },
  {
    name: "terminate: a busy worker that listens to SIGTERM is sent it at once, and has its time",
    run: (subject) =>
      withNotes(subject, { killTimeout: LONG }, async (scene) => {
        const items = scene.pool.stream("count" as never, ["slowly"] as never);
        await items.next(); // it listens
        const hanging = rejection(items.next(), "ERR_POOL_CLOSED");
        await scene.pool.terminate();
        await hanging;
        assertEqual((await scene.ended()).exit.code, 7, "the exit code");
        assertEqual(scene.noted(), ["SIGTERM", "tidied"], "its notes");
      }),
  },
  ...(
    [
      ["close()", 0, ["tears down"], (scene) => scene.pool.close()],
      ["terminate()", 0, ["tears down"], (scene) => scene.pool.terminate()],
      ["restart()", 0, ["tears down"], (scene) => scene.pool.restart()],
      ["process.exit()", 5, [], (scene) => rejection(scene.run("leave", 5), "ERR_WORKER_EXIT")],
    ] as const satisfies readonly [string, number, string[], (scene: Scene) => Promise<unknown>][]
  ).map(
    ([what, code, before, bring]): ContractCase => ({
      name: `worker: its exit hooks run at ${what}`,
      run: (subject) =>
        withNotes(subject, { maxWorkers: 2 }, async (scene) => {
          await scene.run("noteExit");
          await bring(scene);
          assertEqual((await scene.ended()).exit.code, code, "the exit code");
          const isDeno = subject.runtime.name === "deno";
          const expected = [...before, `exits with ${code}`, ...(isDeno ? ["unloads"] : [])];
          const noted = scene.noted().filter((line) => line !== "starts"); // a replacement does
          assertEqual(noted, expected, "its notes");
        }),
    }),
  ),
  {
    name: "worker: an exit hook that stops listening does not hide the error that ended it",
    run: (subject) =>
      withNotes(subject, {}, async (scene) => {
        const { cause } = await rejection(scene.run("fail"), "ERR_WORKER_EXIT");
        assertEqual((cause as Error | undefined)?.message, "nobody catches it", "the cause");
      }),
  },
];
