/** How a worker is made to go: told, asked by SIGTERM where its module listens, killed. And the exit hooks of one that leaves. */
import type { PoolOptions } from "../../options/pool-options.ts";
import type { PoolEvents } from "../../pool/events.ts";
import {
  assert,
  assertEqual,
  type ContractCase,
  type FixturePool,
  pause,
  rejection,
  type Subject,
  until,
} from "../contract-case.ts";
import { withModule } from "../written-module.ts";

/** Notes in a file what happens to it, and listens to SIGTERM in each of the ways there are. */
const NOTING = `
import process from "node:process";
import { spawn } from "node:child_process";
import { appendFileSync, existsSync } from "node:fs";
let file;
let isTornDown = "tears down";
const note = (what) => appendFileSync(file, what + "\\n");
const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
export const setup = (data) => { file = data.file; note("starts"); ways[data.how](); };
export const teardown = () => { note(isTornDown); if (isTornDown === "hangs") return new Promise(() => {}); };
const tidy = () => { note("SIGTERM"); process.exit(7); };
const tidySlowly = async () => { note("SIGTERM"); await wait(100); note("tidied"); process.exit(7); };
const ignore = () => note("SIGTERM");
const ways = {
  once: () => process.once("SIGTERM", tidy),
  slowly: () => process.prependListener("SIGTERM", tidySlowly),
  ignored: () => process.on("SIGTERM", ignore),
  natively: () => globalThis.Deno ? Deno.addSignalListener("SIGTERM", tidy) : process.addListener("SIGTERM", tidy),
  "once and has heard it": () => { process.once("SIGTERM", ignore); process.kill(process.pid, "SIGTERM"); },
  never: () => {},
  "no longer": () => process.on("SIGTERM", ignore).off("SIGTERM", ignore),
  "only to SIGINT": () => process.on("SIGINT", ignore),
  "with all removed": () => { process.on("SIGTERM", ignore); process.removeAllListeners("SIGTERM"); },
  "once more": () => { process.on("SIGTERM", ignore).off("SIGTERM", ignore); process.once("SIGTERM", tidy); },
};
export const pid = () => process.pid;
export const listen = (how) => void ways[how]();
export const hang = (how) => { ways[how](); return new Promise(() => {}); };
export const spinAfterChild = async (how) => {
  const script = 'trap "echo a child hears SIGTERM >> $FILE" TERM; touch $FILE.up; while :; do sleep 0.05; done';
  spawn("sh", ["-c", script], { stdio: "ignore", env: { ...process.env, FILE: file } });
  while (!existsSync(file + ".up")) await wait(10);
  ways[how]();
  for (;;);
};
export const hangUntilSIGTERM = () => new Promise((resolve) => process.on("SIGTERM", () => { note("SIGTERM"); resolve(); }));
export const noteCall = (what) => { note(what); return process.pid; };
export const spin = (how) => { ways[how](); for (;;); };
export async function* count(how) { ways[how](); yield 1; await new Promise(() => {}); }
export const hangInTeardown = () => { isTornDown = "hangs"; };
export const noteExit = () => {
  process.on("exit", (code) => note("exits with " + code));
  globalThis.addEventListener?.("unload", () => note("unloads"));
};
export const leave = (code) => process.exit(code);
export const fail = () => {
  process.on("SIGTERM", ignore);
  process.on("exit", () => process.off("SIGTERM", ignore));
  setTimeout(() => { throw new RangeError("nobody catches it"); }, 0);
  return new Promise(() => {});
};
`;

/** Far above what the test may take. */
const LONG = 30_000;

interface Scene {
  run(name: string, ...args: unknown[]): Promise<unknown>;
  readonly pool: FixturePool;
  /** What the module has noted, without its first line. */
  noted(): readonly string[];
  hasChild(): boolean;
  /** Waits for the end of the one worker that has run. */
  ended(): Promise<PoolEvents["exit"]>;
}

async function withNotes(
  { runtime, ...subject }: Subject,
  options: PoolOptions,
  body: (scene: Scene) => Promise<void>,
  how = "never",
): Promise<void> {
  const { path, remove } = runtime.makeFolder();
  const file = `${path}/notes`;
  runtime.openFile(file).close();
  const read = () => new TextDecoder().decode(runtime.readFile(file)).trim().split("\n");
  try {
    await withModule(
      { ...subject, runtime },
      NOTING,
      async (pool) => {
        const exits: PoolEvents["exit"][] = [];
        pool.on("exit", (event) => exits.push(event));
        const run: Scene["run"] = (name, ...args) => pool.run(name as "pid", args as []);
        await run("pid");
        await body({
          run,
          pool,
          noted: () => read().slice(1),
          hasChild: () => runtime.readFile(`${file}.up`) !== undefined,
          ended: async () => {
            await until(runtime, () => exits.length > 0, "the worker to end");
            return exits[0] as PoolEvents["exit"];
          },
        });
      },
      { ...options, worker: { data: { file, how }, stderr: "ignore" } },
    );
  } finally {
    remove();
  }
}

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

const after = ([why, how, options = { killTimeout: 500 }]: readonly [
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
  after(["timeout", "once more", { killTimeout: 500, closeOnSignals: true }]),
  after(["abort", "slowly"]),
  after(["abort", "once", { killTimeout: 500, concurrentTasksPerWorker: 2 }]),
  after(["break", "once"]),
].map(({ options, named, bring }) => ({
  name: `${named} cleans up and ends as it likes`,
  run: (subject) =>
    withNotes(subject, options, async (scene) => {
      await bring(scene);
      const { exit, reason } = await scene.ended();
      assertEqual(
        [exit.code, exit.signal, reason],
        [7, null, named.includes("timeout") ? "timeout" : "aborted"],
        "the end",
      );
      assertEqual(scene.noted(), named.includes("slowly") ? ["SIGTERM", "tidied"] : ["SIGTERM"], "its notes");
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
      assertEqual((await scene.ended()).exit.signal, signal, "the signal");
      assertEqual(scene.noted(), isSpent ? ["SIGTERM"] : [], "its notes");
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
        { killTimeout: 300 },
        async (scene) => {
          await UNWANTED.timeout?.(scene, "never");
          assertEqual((await scene.ended()).exit.code, 7, "the exit code");
          assertEqual(scene.noted(), ["SIGTERM"], "its notes");
        },
        "once",
      ),
  },
  {
    name: "ladder: who takes no notice of SIGTERM is killed a moment later, and the next call runs",
    run: (subject) =>
      withNotes(subject, { killTimeout: 300 }, async (scene) => {
        const before = await scene.run("pid");
        await UNWANTED.timeout?.(scene, "ignored");
        const next = scene.run("pid");
        const { exit, reason } = await scene.ended();
        assertEqual([exit.signal, reason], ["SIGKILL", "timeout"], "the end");
        assertEqual(scene.noted()[0], "SIGTERM", "its notes");
        assert((await next) !== before, "Expected another worker to run the next call");
      }),
  },
  {
    name: "ladder: a worker that listens and is then in an endless loop is killed all the same",
    run: (subject) =>
      withNotes(subject, { killTimeout: 300 }, async (scene) => {
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
        withNotes(subject, { killTimeout: 300 }, async (scene) => {
          const giveUp = new AbortController();
          const call = scene.pool.run("spinAfterChild" as "pid", [how] as never, { signal: giveUp.signal });
          await until(subject.runtime, () => scene.hasChild(), "the child to listen");
          await pause(subject.runtime, 50);
          giveUp.abort();
          await rejection(call, "AbortError");
          assertEqual((await scene.ended()).exit.signal, "SIGKILL", "the signal");
          assertEqual(scene.noted(), notes, "the notes");
        }),
    }),
  ),
  {
    name: "ladder: what waits in a worker that is asked to end runs in another, also when its task stops then",
    run: (subject) =>
      withNotes(subject, { killTimeout: 300, prefetch: 3 }, async (scene) => {
        const before = await scene.run("pid");
        const options = { timeout: 200 };
        const over = rejection(scene.pool.run("hangUntilSIGTERM" as "pid", [], options), "ERR_TASK_TIMEOUT");
        const waiting = ["a", "b", "c"].map((what) => scene.run("noteCall", what));
        assertEqual(scene.pool.stats().queued, 3, "the calls that wait");
        await over;
        const pids = await Promise.all(waiting);
        assert(!pids.includes(before), "Expected another worker to run them");
        assertEqual(scene.noted(), ["SIGTERM", "starts", "a", "b", "c"], "the notes");
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
      withNotes(subject, { killTimeout: 300 }, async (scene) => {
        await scene.run("hangInTeardown");
        await scene.run("listen", "ignored");
        await Promise.all([scene.pool.terminate(), scene.pool.terminate()]);
        assertEqual((await scene.ended()).exit.signal, "SIGKILL", "the signal");
        assertEqual(scene.noted(), ["hangs", "SIGTERM"], "its notes");
      }),
  },
  {
    name: "terminate: a busy worker that listens to SIGTERM is sent it at once, and has its time",
    run: (subject) =>
      withNotes(subject, { killTimeout: LONG }, async (scene) => {
        const hanging = rejection(scene.run("hang", "slowly"), "ERR_POOL_CLOSED");
        await pause(subject.runtime, 300); // it listens
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
