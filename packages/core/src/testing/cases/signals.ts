/** Stop signals that reach the workers as well: a service manager sends them to every process of a service. */
import {
  assert,
  assertEqual,
  type ContractCase,
  kill,
  pause,
  rejection,
  until,
  withPool,
} from "../contract-case.ts";
import { withModule } from "../written-module.ts";

const SIGNALS = ["TERM", "INT", "HUP"] as const;

/** A task that listens to SIGTERM in one of the ways there are, and one that computes without a pause. */
const LISTENING = `
import process from "node:process";
const tidy = () => process.exit(3);
export const add = (a, b) => a + b;
export const listen = () => void process.once("SIGTERM", tidy);
export const hear = () => new Promise((resolve) => { process.once("SIGTERM", resolve); process.kill(process.pid, "SIGTERM"); });
export const stopListening = () => void process.off("SIGTERM", tidy);
export const stopAll = () => void process.removeAllListeners("SIGTERM");
export const nap = (ms = 60_000) => new Promise((resolve) => setTimeout(resolve, ms));
export const spin = () => { for (;;); };
`;

/** Far above what the test may take. */
const KILL_TIMEOUT = 30_000;

export const signalCases: readonly ContractCase[] = [
  {
    name: "signals: workers of a pool that closes on signals finish what they run, whatever they are sent",
    run: (subject) =>
      withPool(subject, { maxWorkers: 1, closeOnSignals: true }, async (pool) => {
        const pid = await pool.run("pid");
        const slow = pool.run("wait", [300]);
        for (const name of SIGNALS) await kill(subject.runtime, pid, name);
        assertEqual(await slow, pid, "the call");
        assertEqual(await pool.run("pid"), pid, "the worker's pid");
      }),
  },
  {
    name: "signals: without closeOnSignals SIGTERM ends a worker",
    run: (subject) =>
      withPool(subject, { maxWorkers: 1 }, async (pool, newFolder) => {
        const pid = await pool.run("pid");
        const file = `${await newFolder()}/begun`;
        const ended = rejection(pool.run("journal", [file, "", 60_000]), "ERR_WORKER_EXIT");
        // Before it has begun it would run on another worker.
        await until(subject.runtime, () => subject.runtime.readFile(file) !== undefined, "its start");
        await kill(subject.runtime, pid, "TERM");
        assertEqual((await ended).signal, "SIGTERM", "the signal");
      }),
  },
  ...[
    ["that never listened", []],
    ["that no longer listens", ["listen", "stopListening"]],
    ["that has removed all listeners", ["listen", "stopAll"]],
    ["that has heard one by a listener for one", ["hear"]],
  ].map(
    ([what, tasks]): ContractCase => ({
      name: `signals: a computing worker ${what} to SIGTERM is killed at once by terminate()`,
      run: (subject) =>
        withModule(
          subject,
          LISTENING,
          async (pool) => {
            for (const task of tasks as string[]) await pool.run(task as "pid");
            const spinning = pool.run("spin").catch(() => {});
            await pause(subject.runtime, 100); // it says so, and computes
            const start = subject.runtime.now();
            await pool.terminate();
            await spinning;
            assert(subject.runtime.now() - start < KILL_TIMEOUT, "Expected no wait for SIGTERM to end it");
          },
          { closeOnSignals: true, killTimeout: KILL_TIMEOUT },
        ),
    }),
  ),
  {
    name: "signals: a worker on its way up is killed at once by terminate(), at every moment of it",
    run: async (subject) => {
      const options = { maxWorkers: 1, closeOnSignals: true, killTimeout: KILL_TIMEOUT };
      for (let wait = 0; wait <= 200; wait += 10) {
        await withPool(subject, options, async (pool) => {
          const spinning = pool.run("spin").catch(() => {});
          await pause(subject.runtime, wait);
          const start = subject.runtime.now();
          await pool.terminate();
          await spinning;
          const message = `Expected no wait for SIGTERM to end it, ${wait} ms after its start`;
          assert(subject.runtime.now() - start < KILL_TIMEOUT, message);
        });
      }
    },
  },
  {
    name: "signals: a worker that has removed all listeners still holds SIGTERM",
    run: (subject) =>
      withModule(
        subject,
        LISTENING,
        async (pool) => {
          for (const task of ["listen", "stopAll"]) await pool.run(task as "pid");
          const napping = pool.run("nap" as "pid", [300] as never);
          await until(subject.runtime, () => pool.stats().running === 1, "the call to run");
          for (const name of SIGNALS) await kill(subject.runtime, pool.workers[0]?.pid, name);
          await napping;
        },
        { closeOnSignals: true },
      ),
  },
  {
    name: "signals: a worker whose module listens to SIGTERM is sent it by terminate()",
    run: (subject) =>
      withModule(
        subject,
        LISTENING,
        async (pool) => {
          let code: number | null | undefined;
          pool.on("exit", ({ exit }) => {
            code = exit.code;
          });
          await pool.run("listen" as "pid");
          const napping = pool.run("nap" as "pid").catch(() => {});
          await until(subject.runtime, () => pool.stats().running === 1, "the call to run");
          await pool.terminate();
          await napping;
          assertEqual(code, 3, "the exit code");
        },
        { closeOnSignals: true, killTimeout: KILL_TIMEOUT },
      ),
  },
];
