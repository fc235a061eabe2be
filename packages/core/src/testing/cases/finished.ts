/** Results of finished calls are delivered, whatever their process does next; so is what was emitted. */
import {
  assert,
  assertEqual,
  type ContractCase,
  type FixturePool,
  kill,
  rejection,
  within,
  withPool,
} from "../contract-case.ts";

const QUIET = { worker: { stderr: "ignore" } } as const;

/** More calls than a worker makes before it maps its journal. */
const MANY = 300;

/** One of forty quick calls, sent together, ends their worker: the others that had ended give their result. */
async function oneAmongMany(
  pool: FixturePool,
  file: string,
  kind: "die" | "loop",
  before: number,
): Promise<void> {
  const quick = Array.from({ length: before }, (_, i) => pool.run("mixed", [i, file]));
  await Promise.all(quick);
  const calls = Array.from({ length: 40 }, (_, i) =>
    // The one that never ends is given less time: it computes all the while.
    pool.run("mixed", [i === 20 ? kind : 1_000 + i, file], { timeout: i === 20 ? 2_000 : 8_000 }),
  );
  const outcomes = await Promise.allSettled(calls);
  const wrong = outcomes.flatMap((outcome, i) => (i !== 20 && outcome.status === "rejected" ? [i] : []));
  assertEqual(wrong, [], "innocent calls that rejected");
  assert(outcomes[20]?.status === "rejected", "Expected the guilty call to reject");
  const lines = await pool.run("readJournal", [file]);
  const twice = lines.filter((line, i) => lines.indexOf(line) !== i && Number(line) >= 1_000);
  assertEqual(twice, [], "calls that ran twice");
}

export const finishedCases: readonly ContractCase[] = [
  ...(["die", "loop"] as const).flatMap((kind) =>
    [40, MANY].map(
      (before): ContractCase => ({
        name: `finished: calls answered before one that ${kind === "die" ? "kills its worker" : "never ends"} resolve, after ${before} others`,
        run: (subject) =>
          withPool(subject, { ...QUIET, maxWorkers: 2, killTimeout: 200 }, async (pool, newFolder) => {
            const folder = await newFolder();
            for (let round = 0; round < 3; round++)
              await oneAmongMany(pool, `${folder}/${round}`, kind, before);
          }),
      }),
    ),
  ),
  {
    name: "finished: a result of any size is delivered before what kills its worker begins",
    run: (subject) =>
      withPool(subject, { ...QUIET, maxWorkers: 1, prefetch: 8 }, async (pool) => {
        for (const length of [10, 4_000, 20_000, 40_000, 100_000, 2_000_000]) {
          await pool.run("nothing");
          const calls = Array.from({ length: 4 }, () => pool.run("text", [length]));
          const dying = rejection(pool.run("die", ["SIGKILL"]), "ERR_WORKER_EXIT");
          const lengths = (await Promise.all(calls)).map((text) => (text as string).length);
          assertEqual(lengths, [length, length, length, length], "lengths");
          await dying;
        }
      }),
  },
  ...(["microtask", "exit", "reject"] as const).map(
    (manner): ContractCase => ({
      name: `finished: a call whose worker ends right after it (${manner}) resolves`,
      run: (subject) =>
        withPool(subject, { ...QUIET, maxWorkers: 1 }, async (pool) => {
          for (const before of [0, MANY, 1]) {
            await Promise.all(Array.from({ length: before }, () => pool.run("nothing")));
            assertEqual(await pool.run("endAfterwards", [manner, "a result"]), "a result", "result");
          }
        }),
    }),
  ),
  {
    name: "finished: calls that overlap one another, of which one ends the worker",
    run: (subject) =>
      withPool(subject, { ...QUIET, maxWorkers: 1, concurrentTasksPerWorker: 8 }, async (pool) => {
        await pool.run("nothing");
        for (let round = 0; round < 5; round++) {
          const calls = Array.from({ length: 6 }, (_, i) => pool.run("addLater", [i, 1]));
          const dying = rejection(pool.run("exit", [3]), "ERR_WORKER_EXIT");
          assertEqual(await Promise.all(calls), [1, 2, 3, 4, 5, 6], "results");
          await dying;
        }
      }),
  },
  {
    name: "finished: answers that wait while the next call blocks are delivered long before that ends",
    run: (subject) =>
      withPool(subject, { ...QUIET, maxWorkers: 1, prefetch: 8 }, async (pool) => {
        await Promise.all(Array.from({ length: MANY }, () => pool.run("block", [0])));
        const quick = [pool.run("block", [0]), pool.run("block", [0])];
        const slow = pool.run("block", [3_000]).then(() => "slow");
        const first = await Promise.race([slow, Promise.all(quick).then(() => "quick")]);
        assertEqual(first, "quick", "what was heard first");
        await slow;
      }),
  },
  {
    name: "finished: a call sent behind one that never ends is given to another worker, and its time does not run",
    run: (subject) =>
      withPool(subject, { ...QUIET, maxWorkers: 1, prefetch: 8, killTimeout: 300 }, async (pool) => {
        await pool.run("nothing");
        const stuck = rejection(pool.run("spin", [], { timeout: 3_500 }), "ERR_TASK_TIMEOUT");
        const behind = Array.from({ length: 5 }, (_, i) => pool.run("add", [i, 1], { timeout: 3_000 }));
        assertEqual(await Promise.all(behind), [1, 2, 3, 4, 5], "behind");
        await stuck;
      }),
  },
  {
    name: "finished: a call held up by something other than a task is run by another worker",
    run: (subject) =>
      withPool(subject, { ...QUIET, maxWorkers: 1, killTimeout: 300 }, async (pool) => {
        const pid = await pool.run("pid");
        await pool.run("blockAfterwards", [30_000]);
        const call = pool.run("pid", [], { timeout: 2_000 });
        const next = await within(subject.runtime, 60_000, call, "a result");
        assert(next !== pid, "Expected another process");
      }),
  },
  {
    name: "progress: arrives from a task while it computes",
    run: (subject) =>
      withPool(subject, { ...QUIET, maxWorkers: 1 }, async (pool) => {
        for (const before of [1, MANY]) {
          await Promise.all(Array.from({ length: before }, () => pool.run("nothing")));
          let heard = 0;
          let onThird = () => {};
          const third = new Promise<string>((resolve) => {
            onThird = () => resolve("heard");
          });
          const onProgress = () => ++heard === 3 && onThird();
          const call = pool.run("emitComputing", [4, 400], { onProgress });
          assertEqual(await Promise.race([third, call.then(() => "over")]), "heard", "what came first");
          assertEqual(await call, 4, "result");
        }
      }),
  },
  ...(["exit", "kill", "loop", "throw"] as const).map(
    (end): ContractCase => ({
      name: `progress: what was emitted before its worker's end (${end}) is delivered`,
      run: (subject) =>
        withPool(subject, { ...QUIET, maxWorkers: 1, killTimeout: 200 }, async (pool) => {
          for (const before of [1, MANY]) {
            await Promise.all(Array.from({ length: before }, () => pool.run("nothing")));
            const values = ["a", { b: [1, 2] }, "x".repeat(2_000)];
            const heard: unknown[] = [];
            const onProgress = (value: unknown) => heard.push(value);
            const options = end === "loop" ? { onProgress, timeout: 1_500 } : { onProgress };
            await rejection(
              pool.run("emitThenEnd", [values, end], options),
              end === "loop" ? "ERR_TASK_TIMEOUT" : "ERR_WORKER_EXIT",
            );
            assertEqual(heard, values, "heard");
          }
        }),
    }),
  ),
  {
    name: "finished: the host writes to a worker that is gone, and reads what it had sent",
    run: (subject) =>
      withPool(
        subject,
        { ...QUIET, maxWorkers: 1, prefetch: 64, concurrentTasksPerWorker: 4 },
        async (pool) => {
          const { runtime } = subject;
          for (let round = 0; round < 5; round++) {
            const pid = await pool.run("pid");
            const calls = Array.from({ length: 40 }, () => pool.run("text", [9_000]));
            const killed = kill(runtime, pid, "KILL");
            const later = Array.from({ length: 20 }, () => pool.run("text", [9_000]));
            const outcomes = await Promise.allSettled([...calls, ...later]);
            await killed;
            const odd = outcomes.filter(
              (outcome) =>
                outcome.status === "rejected" &&
                (outcome.reason as { code: string }).code !== "ERR_WORKER_EXIT",
            );
            assertEqual(odd.length, 0, "calls that failed for another reason");
            const lost = outcomes.filter(({ status }) => status === "rejected").length;
            assert(lost <= 4, `Expected at most the running calls to reject, received ${lost}`);
          }
        },
      ),
  },
];
