/** Deaths of workers: which calls fail, what the error says, which worker takes over. */
import type { PoolEvents } from "../../pool/events.ts";
import {
  assert,
  assertEqual,
  type ContractCase,
  kill,
  rejection,
  until,
  withPool,
} from "../contract-case.ts";

export const crashCases: readonly ContractCase[] = [
  {
    name: "crash: SIGKILL in mid-task rejects with pid, signal, task, tail of stderr and a likely cause",
    run: (subject) =>
      withPool(subject, { maxWorkers: 1, worker: { stderr: "ignore" } }, async (pool) => {
        const exits: PoolEvents["exit"][] = [];
        pool.on("exit", (event) => exits.push(event));
        const pid = await pool.run("pid");
        await pool.run("print", ["", "last words\n"]);
        const error = await rejection(pool.run("die", ["SIGKILL"]), "ERR_WORKER_EXIT");
        assertEqual(
          [error.pid, error.exitCode, error.signal, error.task, error.stderr],
          [pid, null, "SIGKILL", "die", "last words"],
          "error",
        );
        assert(
          String(error.likelyCause).includes("memory"),
          `Expected a cause, received ${String(error.likelyCause)}`,
        );
        for (const part of [String(pid), "SIGKILL", "`die`", "last words"]) {
          assert(error.message.includes(part), `Expected ${part} in: ${error.message}`);
        }
        await pool.run("nothing");
        const [event] = exits;
        assertEqual(
          [exits.length, event?.worker.pid, event?.exit.signal, event?.reason],
          [1, pid, "SIGKILL", "crash"],
          "event",
        );
      }),
  },
  {
    name: "crash: every way to die rejects the running call once, and the pool goes on",
    run: (subject) =>
      withPool(subject, { maxWorkers: 1, worker: { stderr: "ignore" } }, async (pool) => {
        const run = async (call: () => Promise<unknown>, expected: string) => {
          await pool.run("nothing");
          const error = await rejection(call(), "ERR_WORKER_EXIT");
          assert(error.message.includes(expected), `Expected ${expected} in: ${error.message}`);
        };
        await run(() => pool.run("exit", [0]), "code 0");
        await run(() => pool.run("exit", [1]), "code 1");
        await run(() => pool.run("die", ["SIGTERM"]), "SIGTERM");
        await run(() => pool.run("die", ["SIGABRT"]), "SIGABRT");
        await run(() => pool.run("die", ["SIGSEGV"]), "while it ran `die`");
        await run(() => pool.run("throwUncaught"), "uncaught in a timer");
        await run(() => pool.run("rejectUnhandled"), "rejected and unhandled");
        await run(() => pool.run("complain", ["boo\n", 3]), "boo");
        assertEqual(await pool.run("add", [1, 2]), 3, "after all of them");
      }),
  },
  ...[1, 2].map(
    (maxWorkers): ContractCase => ({
      name: `crash: calls queued behind it all run, with ${maxWorkers} worker${maxWorkers > 1 ? "s" : ""}`,
      run: (subject) =>
        withPool(subject, { maxWorkers, worker: { stderr: "ignore" } }, async (pool) => {
          const dying = pool.run("die", ["SIGKILL"]);
          const behind = Array.from({ length: 8 }, (_, i) => pool.run("add", [i, 1]));
          await rejection(dying, "ERR_WORKER_EXIT");
          assertEqual(await Promise.all(behind), [1, 2, 3, 4, 5, 6, 7, 8], "behind");
        }),
    }),
  ),
  {
    name: "crash: the death of one worker fails no task of another",
    run: (subject) =>
      withPool(subject, { maxWorkers: 2, worker: { stderr: "ignore" } }, async (pool) => {
        const neighbour = pool.run("wait", [300]);
        await rejection(pool.run("exit", [1]), "ERR_WORKER_EXIT");
        await neighbour;
      }),
  },
  {
    name: "crash: repeated deaths of a productive worker never break the pool: a good run resets the back-off",
    run: (subject) =>
      withPool(
        subject,
        { maxWorkers: 1, restart: { intensity: 1, period: 60_000 }, worker: { stderr: "ignore" } },
        async (pool) => {
          let broken = 0;
          pool.on("broken", () => broken++);
          await rejection(pool.run("exit", [1]), "ERR_WORKER_EXIT"); // the one the intensity tolerates
          for (let round = 0; round < 3; round++) {
            await pool.run("nothing");
            await rejection(pool.run("exit", [1]), "ERR_WORKER_EXIT");
          }
          assertEqual([await pool.run("add", [1, 2]), broken], [3, 0], "the next call, and events");
        },
      ),
  },
  {
    name: "crash: the death of an idle worker rejects nothing, nor does that of one that had not read its call yet",
    run: (subject) =>
      withPool(subject, { maxWorkers: 1, minWorkers: 1 }, async (pool) => {
        const { runtime } = subject;
        for (const signal of ["KILL", "STOP"]) {
          const pid = await pool.run("pid");
          await kill(runtime, pid, signal);
          const call = pool.run("add", [1, 2]);
          if (signal === "STOP") await kill(runtime, pid, "KILL");
          assertEqual(await call, 3, `a call after SIG${signal}`);
          assert(
            pool.workers.every((worker) => worker.pid !== pid),
            "Expected another process",
          );
        }
        assertEqual(pool.stats().failed, 0, "failed");
      }),
  },
  {
    name: "crash: a task is started at most once, and one that was not started is not lost",
    run: (subject) =>
      withPool(
        subject,
        { maxWorkers: 2, concurrentTasksPerWorker: 4, worker: { stderr: "ignore" } },
        async (pool, newFolder) => {
          const file = `${await newFolder()}/journal`;
          const outcomes = new Map<string, string>();
          const calls = Array.from({ length: 200 }, (_, i) =>
            pool.run("journal", [file, `#${i}`, 3]).then(
              () => void outcomes.set(`#${i}`, "done"),
              (error: { code: string }) => void outcomes.set(`#${i}`, error.code),
            ),
          );
          let kills = 0;
          const all = Promise.all(calls);
          const isDone = { value: false };
          void all.then(() => {
            isDone.value = true;
          });
          while (!isDone.value && kills < 8) {
            const victim = pool.workers.find(({ state, pid }) => state === "busy" && pid !== undefined);
            if (victim !== undefined) {
              kills++;
              await kill(subject.runtime, victim.pid, "KILL");
            }
            await until(
              subject.runtime,
              () => isDone.value || pool.workers.some((w) => w.state === "busy"),
              "work",
            );
          }
          await all;
          const started = await pool.run("readJournal", [file]);
          assertEqual(new Set(started).size, started.length, "tasks started twice");
          const lost = [...outcomes].filter(([, outcome]) => outcome !== "done");
          for (const [line, outcome] of outcomes) {
            assert(
              outcome === "done" || outcome === "ERR_WORKER_EXIT",
              `Expected ${line} to be done, received ${outcome}`,
            );
            assert(
              outcome !== "done" || started.includes(line),
              `Expected ${line}, which is done, to have been started`,
            );
          }
          // A kill can fall between the record of a start and the line that the task leaves: at most once per kill.
          const lostUnseen = lost.filter(([line]) => !started.includes(line)).length;
          assert(
            lostUnseen <= kills,
            `Expected every lost task to have been started, ${lostUnseen} were not`,
          );
          assert(kills > 0, "Expected at least one kill: the case proves nothing without");
        },
      ),
  },
  {
    name: "crash: a worker that exits as soon as its result has left loses no result",
    run: (subject) =>
      withPool(subject, { maxWorkers: 1, worker: { stderr: "ignore" } }, async (pool) => {
        for (let round = 0; round < 5; round++) {
          const pid = await pool.run("exitLater", [0, 0]);
          await until(subject.runtime, () => pool.workers.every((w) => w.pid !== pid), "its exit");
        }
        assertEqual(pool.stats().failed, 0, "failed");
      }),
  },
];
