/** What is watched in a worker and set for it: that it answers, its memory, its surroundings. */
import process from "node:process";
import type { PoolEvents } from "../../pool/events.ts";
import {
  assert,
  assertEqual,
  type ContractCase,
  kill,
  rejection,
  shell,
  until,
  within,
  withPool,
} from "../contract-case.ts";

const MEBIBYTE = 2 ** 20;

/** The user the workers of a case run as when the host is root; it does not exist. */
const OTHER = 61_234;

/** On most systems; Deno needs the home of its user, or an entry of it among the users. */
const NOBODY = 65_534;

/** What makes the runtimes find the sources of these packages, where they are not built. */
const ASKED_FOR = Object.fromEntries(
  ["NODE_OPTIONS", "BUN_OPTIONS", "DENO_CONDITIONS"].map((name) => [name, process.env[name]]),
);

export const workerLimitCases: readonly ContractCase[] = [
  ...(["a busy loop", "a stopped process"] as const).map(
    (what): ContractCase => ({
      name: `hang: ${what} is noticed, killed and replaced, and the error says so`,
      run: (subject) =>
        withPool(
          subject,
          { maxWorkers: 1, hangTimeout: 4_000, worker: { stderr: "ignore" } },
          async (pool, newFolder) => {
            const exits: PoolEvents["exit"][] = [];
            pool.on("exit", (event) => exits.push(event));
            const pid = await pool.run("pid");
            const file = `${await newFolder()}/started`;
            const isBusy = what === "a busy loop";
            const call: Promise<unknown> = isBusy
              ? pool.run("spinTrapped")
              : pool.run("journal", [file, "", 60_000]);
            if (!isBusy) {
              // Before its start it would run on another worker.
              await until(subject.runtime, () => subject.runtime.readFile(file) !== undefined, "its start");
              await kill(subject.runtime, pid, "STOP");
            }
            const error = await within(
              subject.runtime,
              30_000,
              rejection(call, "ERR_WORKER_EXIT"),
              "the hung worker to be killed",
            );
            assert(
              String(error.likelyCause).includes("hangTimeout"),
              `Expected the cause, received ${String(error.likelyCause)}`,
            );
            // A task that runs longer than the limit does not hang.
            assert((await pool.run("wait", [isBusy ? 5_000 : 0])) !== pid, "Expected another process");
            assertEqual(
              exits.map(({ reason }) => reason),
              ["hung"],
              "exits",
            );
          },
        ),
    }),
  ),
  {
    name: "limits.memory: only a worker above it is killed, and the cause says so",
    run: (subject) =>
      withPool(
        subject,
        { minWorkers: 2, maxWorkers: 2, worker: { limits: { memory: 320 * MEBIBYTE }, stderr: "ignore" } },
        async (pool) => {
          const exits: PoolEvents["exit"][] = [];
          pool.on("exit", (event) => exits.push(event));
          await pool.ready();
          const growing = rejection(pool.run("grow"), "ERR_WORKER_EXIT");
          let isOver = false;
          const neighbour = (async () => {
            const pids = new Set<number>();
            while (!isOver) pids.add(await pool.run("wait", [20]));
            return pids.size;
          })();
          const error = await within(subject.runtime, 30_000, growing, "the worker to be killed");
          isOver = true;
          assertEqual(await neighbour, 1, "processes of its neighbour's calls");
          assert(
            String((error.cause as Error | undefined)?.message).includes("limits.memory of 320 MiB"),
            `Expected the limit in the cause, received ${String(error.cause)}`,
          );
          assertEqual(
            exits.map(({ reason, exit }) => [reason, exit.signal]),
            [["memory", "SIGKILL"]],
            "exits",
          );
        },
      ),
  },
  {
    name: "worker: options may be a function of its id, asked before each start",
    run: (subject) =>
      withPool(
        subject,
        { maxWorkers: 2, worker: ({ id }) => ({ env: { WORKER_ID: String(id) }, data: { id } }) },
        async (pool) => {
          await Promise.all([pool.run("wait", [50]), pool.run("wait", [50])]);
          assertEqual((await pool.broadcast("variable", ["WORKER_ID"])).sort(), ["1", "2"], "variables");
          assertEqual((await pool.broadcast("data")).map((data) => data?.id).sort(), [1, 2], "data");
        },
      ),
  },
  {
    name: "worker: niceness and umask are set",
    run: (subject) =>
      withPool(subject, { maxWorkers: 1, worker: { niceness: 3, umask: 0o027 } }, async (pool) => {
        const { runtime } = subject;
        const pid = await pool.run("pid");
        const niceness = async (of: number) => Number((await shell(runtime, `ps -o ni= -p ${of}`)).stdout);
        assertEqual((await niceness(pid)) - (await niceness(runtime.pid)), 3, "added to the host's");
        // Not by a file it makes: Deno's appendFile sets the mode itself.
        const { stdout } = await shell(runtime, `grep Umask /proc/${pid}/status`);
        assertEqual(stdout.trim().split(/\s+/), ["Umask:", "0027"], "umask");
      }),
  },
  {
    name: "worker: uid and gid are set where the host is root; else its start fails and says why",
    async run(subject) {
      const { runtime } = subject;
      const isRoot = (await shell(runtime, "id -u")).stdout.trim() === "0";
      // Deno keeps its cache below the home of its user.
      const env = { ...ASKED_FOR, HOME: "/tmp" };
      const worker = { uid: OTHER, gid: OTHER, env, cwd: "/", stderr: "ignore" } as const;
      await withPool(subject, { maxWorkers: 1, worker }, async (pool) => {
        if (!isRoot) {
          await rejection(pool.run("pid"), "ERR_WORKER_START");
          return;
        }
        const pid = await pool.run("pid");
        const { stdout } = await shell(runtime, `ps -o uid=,gid= -p ${pid}`);
        assertEqual(stdout.trim().split(/\s+/).map(Number), [OTHER, OTHER], "user and group");
      });
    },
  },
  {
    name: "worker: of another user, it gets nothing of the host's environment that belongs to the host",
    async run(subject) {
      const { runtime } = subject;
      if ((await shell(runtime, "id -u")).stdout.trim() !== "0") return;
      const secrets = {
        REAPOOL_TEST_SECRET: "s",
        LC_REAPOOL_TEST: "s",
        HOME: process.env.HOME ?? "/root",
      };
      const open = { LANG: "C", LC_TIME: "C", TZ: "Europe/Zurich", PATH: process.env.PATH };
      const before = { ...process.env };
      Object.assign(process.env, secrets, open);
      const seenBy = (worker: object) =>
        withPool(
          subject,
          { maxWorkers: 1, worker: { cwd: "/", stderr: "ignore", ...worker } },
          async (pool) => {
            seen = await pool.run("environment");
          },
        );
      let seen: Record<string, string | undefined> = {};
      const valuesOf = (names: object) => Object.keys(names).map((name) => seen[name]);
      try {
        await seenBy({});
        assertEqual(valuesOf(secrets), Object.values(secrets), "the host's own worker: its secrets");
        const user = { uid: NOBODY, gid: NOBODY };
        await seenBy({ ...user, env: { ...ASKED_FOR, ASKED: "for", TZ: undefined } });
        assertEqual(valuesOf(secrets), [undefined, undefined, undefined], "secrets");
        assertEqual(valuesOf({ ...open, ASKED: 1 }), ["C", "C", undefined, open.PATH, "for"], "the rest");
        await seenBy({ ...user, env: { ...process.env, HOME: "/tmp" } });
        assertEqual([seen.REAPOOL_TEST_SECRET, seen.HOME], ["s", "/tmp"], "asked for");
      } finally {
        for (const name of Object.keys({ ...secrets, ...open })) {
          if (before[name] === undefined) delete process.env[name];
          else process.env[name] = before[name];
        }
      }
    },
  },
  {
    name: "worker: a host that is being debugged does not pass its debugger's port to its workers",
    run: (subject) =>
      withPool(subject, { minWorkers: 2, maxWorkers: 2 }, async (pool) => {
        await pool.ready();
        process.execArgv.push("--inspect=127.0.0.1:1");
        try {
          await pool.restart();
          await pool.ready();
          assertEqual(
            (await pool.broadcast("execArgv")).flat().filter((flag) => flag.startsWith("--inspect")),
            [],
            "flags",
          );
          assertEqual(pool.stats().idle, 2, "workers");
        } finally {
          process.execArgv.pop();
        }
      }),
  },
  {
    name: "worker: execArgv sets the limit of the heap, where the runtime has such a flag",
    async run(subject) {
      const flags: Record<string, string> = {
        node: "--max-old-space-size=96",
        deno: "--v8-flags=--max-old-space-size=96",
      };
      const flag = flags[subject.runtime.name];
      if (flag === undefined) return; // Bun has none; `limits.memory` takes its place
      await withPool(subject, { maxWorkers: 1, worker: { execArgv: [flag] } }, async (pool) => {
        const limit = await pool.run("heapLimit");
        assert(limit < 512 * MEBIBYTE, `Expected a small heap, received ${limit / MEBIBYTE} MiB`);
      });
    },
  },
];
