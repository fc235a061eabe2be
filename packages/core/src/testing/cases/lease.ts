/** `worker.lease`: what becomes of workers while their host, the process that runs these cases, is stopped or blocked. */
import process from "node:process";
import type { Containment, WorkerOptions } from "../../options/worker-options.ts";
import type { PoolEvents } from "../../pool/events.ts";
import type { Runtime } from "../../port/runtime.ts";
import { block } from "../block.ts";
import {
  assert,
  assertEqual,
  type ContractCase,
  type FixturePool,
  kill,
  pause,
  rejection,
  shell,
  until,
  within,
  withPool,
} from "../contract-case.ts";
import { listProcesses } from "../leftovers.ts";
import { escapeAll, lacks, token } from "./containment-levels.ts";

const LEASE_MS = 3_000;
const LEASED: WorkerOptions = { lease: LEASE_MS, stderr: "ignore" };
/** The host is away for so long where a worker must not take notice: long enough to be killed twice. */
const AWAY_S = 9;
/** The host goes on in any case after so long. */
const LONGEST_S = 40;

const STOP_THE_HOST = `trap 'kill -CONT ${process.pid}' EXIT
kill -STOP ${process.pid}
left() {
  for pid in $PIDS; do
    case $(ps -o stat= -p $pid) in ''|Z*|X*) ;; *) echo $pid ;; esac
  done
  [ -z "$TOKEN" ] || grep -laE "$TOKEN" /proc/[0-9]*/cmdline 2>/dev/null
}`;

/** What has left its worker's group and session, with the worker's mark. */
const DAEMONS = `for number in 0 1; do
  setsid -f sh -c 'while :; do sleep 1; done' "$NAME-$number"
done`;

interface Sought {
  readonly pids: readonly (number | undefined)[];
  /** In the arguments of what is sought. */
  readonly token?: string;
}

/** Runs the script while this process is stopped; resolves to what it printed. */
async function whileStopped(runtime: Runtime, { pids, token }: Sought, script: string): Promise<string> {
  const env = { PIDS: pids.join(" "), TOKEN: token ?? "" };
  return (await shell(runtime, `${STOP_THE_HOST}\n${script}`, { env })).stdout.trim();
}

/** Stops this process until none of these is left; fails if one still is. */
async function assertEndsMeanwhile(runtime: Runtime, sought: Sought): Promise<void> {
  const script = `for i in $(seq ${LONGEST_S * 10}); do [ -n "$(left)" ] || break; sleep 0.1; done; left`;
  assertEqual(await whileStopped(runtime, sought, script), "", "what runs while the host is stopped");
}

/** Stops this process for longer than the lease; fails unless this is still there then. */
async function assertStaysMeanwhile(runtime: Runtime, pid: number | undefined): Promise<void> {
  const left = await whileStopped(runtime, { pids: [pid] }, `sleep ${AWAY_S}; left`);
  assertEqual(left, String(pid), "what runs while the host is stopped");
}

/** The processes with such a token in their arguments. */
async function named(runtime: Runtime, name: string): Promise<string[]> {
  const { stdout } = await shell(runtime, 'grep -laE "$TOKEN" /proc/[0-9]*/cmdline', {
    env: { TOKEN: `${name}-[0-9]` },
  });
  return stdout.split("\n").filter((line) => line !== "");
}

/** A call that has begun, and is in a loop that nothing interrupts. */
async function busy(
  pool: FixturePool,
): Promise<{ readonly outcome: Promise<Error & Record<string, unknown>> }> {
  let outcome: Promise<Error & Record<string, unknown>> | undefined;
  await new Promise<void>((resolve) => {
    const call = pool.run("emitThenEnd", [[1], "loop"], { onProgress: () => resolve() });
    outcome = rejection(call, "ERR_WORKER_EXIT");
  });
  return { outcome: outcome as Promise<Error & Record<string, unknown>> };
}

function assertNamesLease(error: Error & Record<string, unknown>): void {
  for (const text of [error.message, error.likelyCause, (error.cause as Error | undefined)?.message])
    assert(String(text).includes("worker.lease"), `Expected the lease to be named, received ${String(text)}`);
}

const reasonsOf = (pool: FixturePool): PoolEvents["exit"]["reason"][] => {
  const reasons: PoolEvents["exit"]["reason"][] = [];
  pool.on("exit", ({ reason }) => reasons.push(reason));
  return reasons;
};

function levelCase(level: Containment): ContractCase {
  const isHard = level === "cgroup" || level === "pid-namespace";
  return {
    name: `lease: containment: "${level}": while its host is stopped a busy worker ends with all it has started, and the call says why`,
    needs: level === "group" ? "processGroups" : "processTrees",
    ...(isHard ? { lacks: lacks(level) } : {}),
    run: (subject) =>
      withPool(
        subject,
        { maxWorkers: 1, worker: { ...LEASED, containment: level } },
        async (pool, newFolder) => {
          const { runtime } = subject;
          const reasons = reasonsOf(pool);
          const name = token();
          const inGroup = await pool.run("grandchild");
          if (isHard) await escapeAll(pool, runtime, name, await newFolder());
          if (level === "tree") {
            await pool.run("startShell", [DAEMONS, { NAME: name }]);
            const all = async () => (await named(runtime, name)).length === 2;
            await until(runtime, all, "the daemons to be there: the case proves nothing without");
          }
          const { outcome } = await busy(pool);
          const worker = pool.workers[0]?.pid;
          await assertEndsMeanwhile(runtime, {
            pids: level === "pid-namespace" ? [worker] : [worker, inGroup],
            token: `${name}-[0-9]`,
          });
          assertNamesLease(await within(runtime, 30_000, outcome, "the call to reject"));
          assertEqual(await pool.run("add", [1, 2]), 3, "the next call");
          assert(pool.workers[0]?.pid !== worker, "Expected another worker");
          assertEqual(reasons, ["lease"], "ends");
        },
      ),
  };
}

export const leaseCases: readonly ContractCase[] = [
  ...(["tree", "group", "cgroup", "pid-namespace"] as const).map(levelCase),
  {
    name: "lease: without one a busy worker goes on while its host is stopped, so the other cases can fail",
    run: (subject) =>
      withPool(subject, { maxWorkers: 1, worker: { stderr: "ignore" } }, async (pool) => {
        const { outcome } = await busy(pool);
        const worker = pool.workers[0]?.pid;
        await assertStaysMeanwhile(subject.runtime, worker);
        await kill(subject.runtime, worker, "KILL");
        const { likelyCause } = await outcome;
        assert(!String(likelyCause).includes("lease"), `Expected another cause, received ${likelyCause}`);
      }),
  },
  {
    name: "lease: a worker that is stopped itself, one that waits, and one with a stream end as well",
    run: (subject) =>
      withPool(subject, { maxWorkers: 3, concurrentTasksPerWorker: 2, worker: LEASED }, async (pool) => {
        const { runtime } = subject;
        const stream = pool.stream("count", [1_000_000])[Symbol.asyncIterator]();
        await stream.next();
        let begun = 0; // what a worker has not begun would go to another after its end
        const onProgress = () => begun++;
        const waiting = Array.from({ length: 5 }, () =>
          pool.run("emitAndWait", [600_000], { onProgress }).catch(({ code }) => code),
        );
        await until(runtime, () => begun === 5, "two calls in each");
        const pids = pool.workers.map(({ pid }) => pid);
        await kill(runtime, pids[1], "STOP");
        await assertEndsMeanwhile(runtime, { pids });
        const rest = async () => {
          for (;;) if ((await stream.next()).done) return "ended";
        };
        const outcomes = Promise.all([...waiting, rest().catch(({ code }) => code)]);
        const codes = await within(runtime, 30_000, outcomes, "all to reject");
        assertEqual(codes, new Array(6).fill("ERR_WORKER_EXIT"), "outcomes");
        assertEqual(await pool.run("add", [1, 2]), 3, "the next call");
      }),
  },
  {
    name: "lease: it rests as soon as no call runs: an idle worker stays, however long its host is stopped",
    run: (subject) =>
      withPool(subject, { maxWorkers: 1, idleTimeout: 600_000, worker: LEASED }, async (pool) => {
        const first = await pool.run("pid");
        await assertStaysMeanwhile(subject.runtime, first);
        const [second] = await Promise.all([pool.run("pid"), pool.run("wait", [1]), pool.run("pid")]);
        await assertStaysMeanwhile(subject.runtime, second);
        await pool.run("add", ["a", "b"] as never).catch(() => {});
        await rejection(pool.run("failPlain", ["no"]), "Error");
        await assertStaysMeanwhile(subject.runtime, first);
        assertEqual(await pool.run("pid"), first, "the worker in the end");
      }),
  },
  {
    name: "lease: a call may take as long as it likes while its host lives, in a blocked worker, a waiting one and a stream",
    run: (subject) =>
      withPool(subject, { maxWorkers: 2, worker: LEASED }, async (pool) => {
        const reasons = reasonsOf(pool);
        const long = pool.run("block", [4 * LEASE_MS]);
        const stream = pool.stream("count", [3]);
        let items = 0;
        for await (const _ of stream) {
          items++;
          await pause(subject.runtime, 1.3 * LEASE_MS);
        }
        await pool.run("wait", [1.3 * LEASE_MS]);
        assertEqual([items, typeof (await long)], [3, "number"], "what they returned");
        assertEqual(reasons, [], "ends");
      }),
  },
  {
    name: "lease: a host whose loop is blocked for less costs nothing, for longer the calls, and the pool goes on",
    run: (subject) =>
      withPool(subject, { maxWorkers: 1, worker: LEASED }, async (pool) => {
        const reasons = reasonsOf(pool);
        const call = pool.run("wait", [2 * LEASE_MS]);
        for (let i = 0; i < 5; i++) {
          await pause(subject.runtime, 1);
          block(LEASE_MS / 3);
        }
        await call;
        assertEqual(reasons, [], "ends");
        const { outcome } = await busy(pool);
        block(3 * LEASE_MS);
        assertNamesLease(await within(subject.runtime, 30_000, outcome, "the call to reject"));
        assertEqual(await pool.run("add", [1, 2]), 3, "the next call");
        assertEqual(reasons, ["lease"], "ends");
      }),
  },
  {
    name: "lease: nothing is left of it where no call runs, the guard sleeps all along, and a keeper that is killed is replaced",
    needs: "processTrees",
    run: (subject) =>
      withPool(subject, { maxWorkers: 1, idleTimeout: 600_000, worker: LEASED }, async (pool) => {
        const { runtime } = subject;
        const pid = await pool.run("pid");
        const keepers = () => shellsOf(runtime, "reapool-keeper");
        await until(runtime, () => keepers().length === 0, "no keeper to be left");
        const [guard] = shellsOf(runtime, "reapool-guard");
        assert(guard !== undefined, "Expected a guard");
        const before = await switchesAtRestOf(runtime, guard);
        await pause(runtime, 2 * LEASE_MS);
        assertEqual(keepers(), [], "keepers of an idle pool");
        const long = pool.run("wait", [2 * LEASE_MS]);
        // It has no arguments that could be read at the very moment of its start.
        await until(runtime, () => keepers().length === 1, "a keeper while a call runs");
        await long;
        assertEqual(switchesOf(runtime, guard), before, "how often the guard has gone to sleep");
        await until(runtime, () => keepers().length === 0, "the keeper of that call to be gone");
        const { outcome } = await busy(pool);
        await until(runtime, () => keepers().length === 1, "a keeper while a call runs");
        const [keeper] = keepers();
        await kill(runtime, keeper, "KILL");
        await until(runtime, () => keepers().some((one) => one !== keeper), "another keeper");
        await assertEndsMeanwhile(runtime, { pids: [pid] });
        assertNamesLease(await outcome);
      }),
  },
];

/** Shells of this name that are children of this process. */
function shellsOf(runtime: Runtime, name: string): number[] {
  return listProcesses()
    .filter(({ parent, state }) => parent === process.pid && state !== "Z")
    .map(({ pid }) => pid)
    .filter((pid) => textOf(runtime, `/proc/${pid}/cmdline`).split("\0").includes(name));
}

/** How often it has gone to sleep, when it stays asleep. */
async function switchesAtRestOf(runtime: Runtime, pid: number): Promise<string> {
  let last = "";
  const rests = async () => {
    const before = switchesOf(runtime, pid);
    await pause(runtime, 500);
    last = switchesOf(runtime, pid);
    return before === last && /^State:\s*S/m.test(textOf(runtime, `/proc/${pid}/status`));
  };
  await until(runtime, rests, "the guard to sleep");
  return last;
}

function switchesOf(runtime: Runtime, pid: number): string {
  return /^voluntary_ctxt_switches:\s*(\d+)$/m.exec(textOf(runtime, `/proc/${pid}/status`))?.[1] ?? "";
}

function textOf(runtime: Runtime, path: string): string {
  return new TextDecoder().decode(runtime.readFile(path) ?? new Uint8Array());
}
