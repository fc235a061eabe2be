/** `containment: "cgroup"` and `"pid-namespace"`: nothing gets away, and everything else goes on as without. */
import process from "node:process";
import type { PoolOptions } from "../../options/pool-options.ts";
import type { Containment } from "../../options/worker-options.ts";
import type { PoolEvents } from "../../pool/events.ts";
import type { Runtime } from "../../port/runtime.ts";
import {
  assert,
  assertEqual,
  type ContractCase,
  type FixturePool,
  kill,
  killNow,
  rejection,
  type Subject,
  shell,
  until,
  within,
  withPool,
} from "../contract-case.ts";
import { ESCAPE_NAMES } from "../fixtures/escapes.ts";
import type { End } from "../worker-end.ts";

type Level = Extract<Containment, "cgroup" | "pid-namespace">;

const LEVELS: readonly Level[] = ["cgroup", "pid-namespace"];

const MEBIBYTE = 2 ** 20;
/** A runtime needs more, and a shell or `unshare` less. */
const LEAST_BYTES = 16 * MEBIBYTE;

/** What makes the runtimes find the sources of these packages, where they are not built. */
const ASKED_FOR = Object.fromEntries(
  ["NODE_OPTIONS", "BUN_OPTIONS", "DENO_CONDITIONS"].map((name) => [name, process.env[name]]),
);

const known = new Map<string, Promise<string | undefined>>();

/** Why the level can't be had here; some of it is known only when a worker has been started. */
export function lacks(level: Level): NonNullable<ContractCase["lacks"]> {
  const tried = async ({ createPool, fixture }: Subject): Promise<string | undefined> => {
    try {
      const pool = createPool(fixture, {
        maxWorkers: 1,
        worker: { containment: level, stderr: "ignore" },
      }) as unknown as FixturePool;
      try {
        await pool.run("nothing");
      } finally {
        await pool.terminate();
      }
      return undefined;
    } catch (error) {
      const { code, cause, message } = error as Error & { code?: string };
      if (code === "ERR_UNSUPPORTED") return message;
      if ((cause as { code?: string } | undefined)?.code === "ERR_UNSUPPORTED") return message;
      throw error;
    }
  };
  return (subject) => {
    const reason = known.get(level) ?? tried(subject);
    known.set(level, reason);
    return reason;
  };
}

const ENDS: readonly End[] = [
  { name: "SIGKILL", bring: (pool, { runtime }) => kill(runtime, pool.workers[0]?.pid, "KILL") },
  { name: "its own exit", bring: (pool) => pool.run("exit", [3]).catch(() => {}) },
  {
    name: "a timeout of a task that does not stop",
    bring: (pool) => pool.run("spinTrapped", [], { timeout: 50 }).catch(() => {}),
  },
  { name: "close", bring: (pool) => pool.close() },
  { name: "terminate", bring: (pool) => pool.terminate() },
];

/** The processes whose arguments have the token, by the way they got away. */
function escaped(runtime: Runtime, token: string): Map<string, number[]> {
  const found = new Map<string, number[]>();
  for (const pid of runtime.listFolder("/proc") ?? []) {
    if (!/^\d+$/.test(pid)) continue;
    const bytes = runtime.readFile(`/proc/${pid}/cmdline`);
    const words = new TextDecoder().decode(bytes ?? new Uint8Array()).split("\0");
    const word = words.find((one) => one.startsWith(`${token}-`));
    const name = word === undefined ? undefined : ESCAPE_NAMES[Number(word.slice(token.length + 1))];
    if (name !== undefined) found.set(name, [...(found.get(name) ?? []), Number(pid)]);
  }
  return found;
}

export const token = (): string => `escape-${crypto.randomUUID().slice(0, 8)}`;

export async function escapeAll(
  pool: FixturePool,
  runtime: Runtime,
  name: string,
  folder: string,
): Promise<void> {
  await pool.run("getAway", [name, folder]);
  assertEqual([...escaped(runtime, name).keys()].sort(), [...ESCAPE_NAMES].sort(), "what got away");
}

function endCase(level: Level, { name, bring }: End): ContractCase {
  return {
    name: `containment: "${level}": ${name} ends all that gets away otherwise, a second later nothing is left`,
    lacks: lacks(level),
    async run(subject) {
      const { runtime } = subject;
      const name = token();
      const options: PoolOptions = {
        maxWorkers: 1,
        killTimeout: 100,
        worker: { containment: level, stderr: "ignore" },
      };
      await withPool(subject, options, async (pool, newFolder) => {
        const exit = new Promise<PoolEvents["exit"]>((resolve) => pool.on("exit", resolve));
        await escapeAll(pool, runtime, name, await newFolder());
        void bring(pool, subject);
        await within(runtime, 30_000, exit, "the worker to be gone");
        await until(runtime, () => escaped(runtime, name).size === 0, "nothing to be left");
      });
      assertEqual([...escaped(runtime, name)], [], "what is left when the pool is closed");
    },
  };
}

function ownCase(level: Level): ContractCase {
  return {
    name: `containment: "${level}": pid, memory, limit, signals and exit codes are the worker's own`,
    lacks: lacks(level),
    run: (subject) =>
      withPool(
        subject,
        { maxWorkers: 1, worker: { containment: level, stderr: "capture" } },
        async (pool, newFolder) => {
          const { runtime } = subject;
          const exits: PoolEvents["exit"][] = [];
          pool.on("exit", (event) => exits.push(event));
          const said: string[] = [];
          pool.on("stderr", ({ line }) => said.push(line));
          const inside = await pool.run("pid");
          const [worker] = pool.workers;
          assert(worker?.pid !== undefined, "Expected a pid");
          if (level === "pid-namespace") assertEqual(inside, 2, "its pid inside");
          else assertEqual(inside, worker.pid, "its pid");
          assert(
            Number(worker.memory) > LEAST_BYTES,
            `Expected a runtime's memory, received ${worker.memory}`,
          );
          assert(Number(worker.cpu) > 0, `Expected a runtime's time, received ${worker.cpu}`);
          await rejection(pool.run("exit", [7]), "ERR_WORKER_EXIT");
          const folder = await newFolder();
          for (const signal of ["TERM", "KILL"]) {
            const file = `${folder}/${signal}`;
            const waiting = rejection(pool.run("journal", [file, "", 60_000]), "ERR_WORKER_EXIT");
            // Before its start it would run on another worker.
            await until(runtime, () => runtime.readFile(file) !== undefined, "its start");
            await kill(runtime, pool.workers[0]?.pid, signal);
            await within(runtime, 30_000, waiting, "its end");
          }
          assertEqual(
            exits.map(({ exit }) => exit.signal ?? exit.code),
            [7, "SIGTERM", "SIGKILL"],
            "how they ended",
          );
          assertEqual(said, [], "what was written to stderr");
        },
      ),
  };
}

/** Surroundings are set as without; of another user too, where the host is root. */
function surroundingsCase(level: Level): ContractCase {
  return {
    name: `containment: "${level}": cwd, umask, niceness, output and another user go on working`,
    lacks: lacks(level),
    async run(subject) {
      const { runtime } = subject;
      const isRoot = (await shell(runtime, "id -u")).stdout.trim() === "0";
      const user = isRoot ? { uid: 61_234, gid: 61_234, env: { ...ASKED_FOR, HOME: "/tmp" } } : {};
      const worker = { ...user, containment: level, cwd: "/", umask: 0o027, niceness: 3 } as const;
      await withPool(
        subject,
        { maxWorkers: 1, worker: { ...worker, stdout: "capture", stderr: "capture" } },
        async (pool) => {
          const lines: string[] = [];
          pool.on("stdout", ({ line }) => lines.push(line));
          pool.on("stderr", ({ line }) => lines.push(line));
          await pool.run("print", ["out\n", "err\n"]);
          assertEqual(lines.sort(), ["err", "out"], "output");
          const pid = pool.workers[0]?.pid;
          assertEqual(await pool.run("cwd"), "/", "cwd");
          const { stdout } = await shell(
            runtime,
            `grep -E '^(Umask|Uid|Groups)' /proc/${pid}/status; ps -o ni= -p ${pid}`,
          );
          const read = stdout.replaceAll(/[\t ]+/g, " ").trimEnd();
          const own = (await shell(runtime, "ps -o ni= -p $$")).stdout.trim();
          assert(read.includes("Umask: 0027"), `Expected the umask, read ${read}`);
          assert(read.endsWith(`\n ${Number(own) + 3}`), `Expected the niceness, read ${read}`);
          if (!isRoot) return;
          assert(read.includes("Uid: 61234 61234 61234 61234"), `Expected the user, read ${read}`);
          assert(/^Groups: *$/m.test(read), `Expected no group of root's, read ${read}`);
        },
      );
    },
  };
}

export const containmentLevelCases: readonly ContractCase[] = [
  ...LEVELS.flatMap((level) => [
    ...ENDS.map((end) => endCase(level, end)),
    ownCase(level),
    surroundingsCase(level),
  ]),
  {
    name: 'containment: "group": what gets away stays, so the cases of the others can fail',
    needs: "processTrees",
    async run(subject) {
      const { runtime } = subject;
      const name = token();
      const options: PoolOptions = { maxWorkers: 1, worker: { containment: "group", stderr: "ignore" } };
      try {
        await withPool(subject, options, async (pool, newFolder) => {
          await escapeAll(pool, runtime, name, await newFolder());
          await pool.terminate();
          assertEqual([...escaped(runtime, name).keys()].sort(), [...ESCAPE_NAMES].sort(), "what is left");
        });
      } finally {
        // Those that bring each other back start others meanwhile.
        await until(
          runtime,
          () => {
            const left = [...escaped(runtime, name).values()].flat();
            for (const pid of left) killNow(pid);
            return left.length === 0;
          },
          "the survivors to be gone",
        );
      }
    },
  },
  {
    name: 'containment: "pid-namespace": limits.memory is that of the worker, not of what waits for it',
    lacks: lacks("pid-namespace"),
    run: (subject) =>
      withPool(
        subject,
        {
          maxWorkers: 1,
          worker: {
            containment: "pid-namespace",
            limits: { memory: 320 * MEBIBYTE },
            stderr: "ignore",
          },
        },
        async (pool) => {
          const error = await within(
            subject.runtime,
            30_000,
            rejection(pool.run("grow"), "ERR_WORKER_EXIT"),
            "the worker to be killed",
          );
          assert(
            String((error.cause as Error | undefined)?.message).includes("limits.memory of 320 MiB"),
            `Expected the limit in the cause, received ${String(error.cause)}`,
          );
        },
      ),
  },
];
