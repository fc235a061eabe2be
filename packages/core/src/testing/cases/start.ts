/** Starts that succeed, and every way in which one fails. */
import { assert, assertEqual, type ContractCase, rejection, shell, withPool } from "../contract-case.ts";
import { withFiles, withModule } from "../written-module.ts";

const failures: readonly (readonly [what: string, source: string, expected: string])[] = [
  ["a throw at import", "throw new RangeError('no luck today')", "no luck today"],
  ["a syntax error", "export function (", "work.mjs"],
  ["a missing import", "import './nowhere.mjs'", "nowhere.mjs"],
  ["an exit at import", "process.stderr.write('bye'); process.exit(9)", "code 9"],
  [
    "a kill at import",
    "process.kill(process.pid, 'SIGKILL'); await new Promise(() => setInterval(() => {}, 1000))",
    "SIGKILL",
  ],
  ["a setup that is not a function", "export const setup = 5", "setup"],
];

export const startCases: readonly ContractCase[] = [
  ...failures.map(
    ([what, source, expected]): ContractCase => ({
      name: `start: ${what} rejects the call with its cause`,
      run: (subject) =>
        withModule(subject, source, async (pool) => {
          const error = await rejection(pool.run("add", [1, 2]), "ERR_WORKER_START");
          assert(error.message.includes(expected), `Expected ${expected} in: ${error.message}`);
          await rejection(pool.run("add", [1, 2]), "ERR_WORKER_START");
        }),
    }),
  ),
  {
    name: "start: an export that is not a function is not a task, and a call of it rejects",
    run: (subject) =>
      withModule(subject, "export const add = 5; export const other = () => 6;", async (pool) => {
        const error = await rejection(pool.run("add", [1, 2]), "ERR_UNKNOWN_TASK");
        assert(error.message.includes("other"), `Expected the tasks there are in: ${error.message}`);
      }),
  },
  {
    name: "start: a missing module rejects, and works once it is there",
    run: (subject) =>
      withModule(subject, "export const add = (a, b) => a + b", async (pool, write) => {
        const missing = { ...subject, fixture: new URL("file:///nonexistent/work.mjs") };
        await withPool(missing, { maxWorkers: 1, worker: { stderr: "ignore" } }, async (broken) => {
          const error = await rejection(broken.run("add", [1, 2]), "ERR_WORKER_START");
          assert(error.cause instanceof Error, "Expected the runtime's own error as the cause");
          assert(error.message.includes("an entry of its own"), `Expected what to do in: ${error.message}`);
        });
        await write("export const add = (a, b) => a + b + 1");
        assertEqual(await pool.run("add", [1, 2]), 4, "the fixed module");
      }),
  },
  {
    name: "start: a missing module with one beside it that differs in its ending names that",
    run: (subject) =>
      withFiles(subject, { "work.mjs": "export const add = (a, b) => a + b" }, async (use) => {
        for (const missing of ["work.ts", "work.js"]) {
          await use(missing, async (pool) => {
            const { message } = await rejection(pool.run("add"), "ERR_WORKER_START");
            assert(message.includes('"./work.mjs"'), `Expected work.mjs in: ${message}`);
          });
        }
      }),
  },
  {
    name: "start: ready() resolves once the minimum is up, and rejects with the cause when it can't be",
    run: async (subject) => {
      await withPool(subject, { minWorkers: 2, maxWorkers: 2 }, async (pool) => {
        await pool.ready();
        assertEqual(pool.stats().idle, 2, "idle");
      });
      await withModule(
        subject,
        "throw new Error('never')",
        async (pool) => {
          const error = await rejection(pool.ready(), "ERR_WORKER_START");
          assert(error.message.includes("never"), `Expected the cause in: ${error.message}`);
        },
        { minWorkers: 1 },
      );
    },
  },
  {
    name: "start: a module that is never ready rejects at startTimeout, and its process is gone",
    run: (subject) =>
      withPool(
        subject,
        { maxWorkers: 1, startTimeout: 700, worker: { data: { setup: "hang" } } },
        async (pool) => {
          const error = await rejection(pool.run("nothing"), "ERR_WORKER_START");
          assert(error.message.includes("startTimeout"), `Expected the limit in: ${error.message}`);
          assertEqual(pool.stats().live, 0, "live");
        },
      ),
  },
  {
    name: "start: a program that does not exist rejects with the system's error",
    run: (subject) =>
      withPool(
        subject,
        {
          maxWorkers: 1,
          worker: { launcher: { name: "none", command: () => ({ file: "/nonexistent/program", args: [] }) } },
        },
        async (pool) => {
          const error = await rejection(pool.run("nothing"), "ERR_WORKER_START");
          assertEqual((error.cause as { code?: string }).code, "ENOENT", "code of the cause");
        },
      ),
  },
  {
    name: "start: a crash loop is bounded and reported; the pool recovers once the module is fixed",
    run: (subject) =>
      withModule(
        subject,
        "throw new Error('broken module')",
        async (pool, write) => {
          let starts = 0;
          const seen: string[] = [];
          pool.on("start", () => starts++);
          pool.on("broken", () => seen.push("broken"));
          pool.on("recovered", () => seen.push("recovered"));
          while (seen.length === 0) await pool.run("add", [1, 2]).catch(() => {});
          assertEqual(starts, 3, "starts until the pool is broken");
          const error = await rejection(pool.run("add", [1, 2]), "ERR_CRASH_LOOP");
          const cause = error.cause as { code?: string; message: string };
          assertEqual(cause.code, "ERR_WORKER_START", "code of the cause");
          assert(cause.message.includes("broken module"), `Expected the cause in: ${cause.message}`);
          await write("export const add = (a, b) => a + b");
          assertEqual(await pool.run("add", [1, 2]), 3, "the fixed module");
          assertEqual(seen, ["broken", "recovered"], "events");
        },
        { restart: { intensity: 2, period: 60_000, backoff: { initial: 10, max: 50, jitter: 0 } } },
      ),
  },
  {
    name: "start: a burst on many workers that all fail is one incident, and rejects every call",
    run: (subject) =>
      withModule(
        subject,
        "throw new Error('all of us')",
        async (pool) => {
          const outcomes = await Promise.allSettled(
            Array.from({ length: 20 }, () => pool.run("add", [1, 2])),
          );
          const codes = new Set(outcomes.map((o) => (o.status === "rejected" ? o.reason.code : "resolved")));
          assertEqual([...codes], ["ERR_WORKER_START"], "codes");
        },
        { maxWorkers: 6, restart: { intensity: 2 } },
      ),
  },
  {
    name: "setup: runs once before the first task with worker.data, teardown once at the end",
    async run(subject) {
      const { stdout: journal } = await shell(subject.runtime, 'printf %s "$(mktemp)"');
      const data = { journal, list: new Map([["a", [1n]]]) };
      let pid = 0;
      await withPool(subject, { maxWorkers: 1, worker: { data } }, async (pool) => {
        pid = await pool.run("pid");
        const given = await pool.run("data");
        const list = given?.list as typeof data.list | undefined;
        assert(list?.get("a")?.[0] === 1n, "Expected the data as it went");
        await pool.run("nothing");
        await pool.close();
      });
      const lines = new TextDecoder().decode(subject.runtime.readFile(journal)).trim();
      subject.runtime.removeFile(journal);
      assertEqual(lines, `setup ${pid}\nteardown ${pid}`, "journal");
    },
  },
  {
    name: "setup: a throw is a start failure with its cause",
    run: (subject) =>
      withPool(
        subject,
        { maxWorkers: 1, worker: { data: { setup: "throw" }, stderr: "ignore" } },
        async (pool) => {
          const error = await rejection(pool.run("nothing"), "ERR_WORKER_START");
          const cause = error.cause as Error;
          assert(
            cause instanceof TypeError && cause.message === "setup refuses",
            `Expected its error, received ${cause}`,
          );
        },
      ),
  },
  {
    name: "setup: worker.data that can't cross throws where the pool is made; of a function, it rejects with ERR_WORKER_START",
    async run(subject) {
      const bad = [{ onDone: () => {} }, { list: [1, { at: Symbol("x") }] }, () => {}];
      const paths = ["worker.data.onDone", "worker.data.list[1].at", "worker.data"];
      for (const [i, data] of bad.entries()) {
        const made = Promise.resolve().then(() => subject.createPool(subject.fixture, { worker: { data } }));
        const error = await rejection(made, "ERR_SERIALIZATION");
        assertEqual(error.path, paths[i], "path");
        assert(error.message.includes(paths[i] as string), `Expected the place in: ${error.message}`);
        await withPool(subject, { maxWorkers: 1, worker: () => ({ data }) }, async (pool) => {
          const { cause } = await rejection(pool.run("nothing"), "ERR_WORKER_START");
          assertEqual((cause as { path?: string }).path, paths[i], "path");
        });
      }
    },
  },
];
