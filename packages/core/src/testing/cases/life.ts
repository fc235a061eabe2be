/** A worker between its start and its end: surroundings, output, idleness. */
import type { PoolEvents } from "../../pool/events.ts";
import { assert, assertEqual, type ContractCase, isAlive, until, withPool } from "../contract-case.ts";

export const lifeCases: readonly ContractCase[] = [
  {
    name: "worker: env is laid over the host's, argv and cwd arrive, and the socket's address does not",
    run: (subject) =>
      withPool(
        subject,
        {
          maxWorkers: 1,
          worker: { env: { CONTRACT: "yes", HOME: undefined }, argv: ["one", "two words"], cwd: "/" },
        },
        async (pool) => {
          assertEqual(await pool.run("variable", ["CONTRACT"]), "yes", "env");
          assertEqual(await pool.run("variable", ["HOME"]), undefined, "a variable taken away");
          assert((await pool.run("variable", ["PATH"])) !== undefined, "Expected PATH to be inherited");
          const names = await pool.run("variables");
          assertEqual(
            names.filter((name) => ["REAPOOL_SOCKET", "REAPOOL_TOKEN"].includes(name)), // its mark stays
            [],
            "the address of the socket",
          );
          assertEqual(await pool.run("argv"), ["one", "two words"], "argv");
          assertEqual(await pool.run("cwd"), "/", "cwd");
        },
      ),
  },
  {
    name: "worker: captured output comes line by line, complete to the last byte before a crash",
    run: (subject) =>
      withPool(subject, { maxWorkers: 1, worker: { stdout: "capture", stderr: "capture" } }, async (pool) => {
        const lines: Record<"stdout" | "stderr", string[]> = { stdout: [], stderr: [] };
        const gone = new Promise<PoolEvents["exit"]>((resolve) => pool.on("exit", resolve));
        pool.on("stdout", ({ line }) => lines.stdout.push(line));
        pool.on("stderr", ({ line }) => lines.stderr.push(line));
        await pool.run("print", ["a\nb", "é\r\n"]);
        await pool.run("print", ["c\n", "x".repeat(100_000)]);
        await pool.run("complain", ["\nlast words", 1]).catch(() => {});
        await gone;
        assertEqual(lines.stdout, ["a", "bc"], "stdout");
        assertEqual(
          lines.stderr.map((line) => line.slice(-10)),
          ["é", "xxxxxxxxxx", "last words"],
          "stderr",
        );
        assertEqual(lines.stderr[1]?.length, 100_000, "a long line");
      }),
  },
  {
    name: "worker: one that writes much output is never blocked by it, whether the output is captured or not",
    async run(subject) {
      const megabyte = "x".repeat(2 ** 20);
      for (const mode of ["capture", "ignore"] as const) {
        await withPool(subject, { maxWorkers: 1, worker: { stdout: mode, stderr: mode } }, async (pool) => {
          for (let i = 0; i < 8; i++) await pool.run("print", [megabyte, megabyte]);
        });
      }
    },
  },
  {
    name: "idle: a worker above the minimum leaves after idleTimeout, with exit code 0 and reason idle",
    run: (subject) =>
      withPool(subject, { minWorkers: 1, maxWorkers: 3, idleTimeout: 50 }, async (pool) => {
        const exits: PoolEvents["exit"][] = [];
        pool.on("exit", (event) => exits.push(event));
        await Promise.all([1, 2, 3].map(() => pool.run("wait", [20])));
        await until(subject.runtime, () => pool.stats().live === 1, "two workers to leave");
        assertEqual(
          exits.map(({ reason, exit, error }) => [reason, exit.code, error === undefined]),
          [
            ["idle", 0, true],
            ["idle", 0, true],
          ],
          "exits",
        );
        assertEqual(pool.stats().restarts, 0, "restarts");
        await pool.run("nothing");
      }),
  },
  {
    name: "idle: Infinity keeps the workers",
    run: (subject) =>
      withPool(subject, { maxWorkers: 2, idleTimeout: Number.POSITIVE_INFINITY }, async (pool) => {
        await Promise.all([1, 2].map(() => pool.run("wait", [10])));
        await pool.run("wait", [150]);
        assertEqual(pool.stats().live, 2, "live");
      }),
  },
  {
    name: "idle: no call is lost to a worker that is about to leave",
    run: (subject) =>
      withPool(subject, { maxWorkers: 1, idleTimeout: 1 }, async (pool) => {
        for (let i = 0; i < 15; i++) {
          assertEqual(await pool.run("add", [i, 1]), i + 1, "sum");
          await new Promise<void>((resolve) => subject.runtime.startTimer(i % 4, resolve).ref());
        }
        assertEqual(pool.stats().failed, 0, "failed");
      }),
  },
  {
    name: "idle: a worker that is leaving counts against maxWorkers until it is gone",
    run: (subject) =>
      withPool(
        subject,
        { maxWorkers: 1, idleTimeout: 1, killTimeout: 200, worker: { data: { teardown: "spin" } } },
        async (pool) => {
          const first = await pool.run("pid");
          await until(subject.runtime, () => pool.stats().stopping === 1, "the worker to be asked to leave");
          const second = pool.run("pid");
          assertEqual(pool.stats().live, 1, "live");
          assert((await second) !== first, "Expected another process");
          assert(!(await isAlive(subject.runtime, first)), "Expected the first process to be gone");
        },
      ),
  },
];
