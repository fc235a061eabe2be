/** Large bytes and text arrive whole, also where they go through memory that host and worker share. */
import { readText } from "../../read-text.ts";
import {
  assert,
  assertEqual,
  type ContractCase,
  type FixturePool,
  type Subject,
  until,
  withPool,
} from "../contract-case.ts";

const KIB = 1024;
/** A few calls of this size make both sides share memory. */
const MUCH = 300 * KIB;

/** Bytes that tell which call they are of and where they lie. */
function patterned(length: number, seed: number): Uint8Array {
  const bytes = new Uint8Array(length);
  for (let at = 0; at < length; at += 509) bytes[at] = (at / 509 + seed) & 255;
  bytes[length - 1] = seed & 255;
  return bytes;
}

function isSame(a: Uint8Array, b: Uint8Array): boolean {
  for (let at = 0; at < a.length; at++) if (a[at] !== b[at]) return false;
  return a.length === b.length;
}

/** Calls that take so many bytes there and back, until both sides share memory where they can. */
async function warmUp(pool: FixturePool): Promise<void> {
  for (let i = 0; i < 8; i++) await pool.run("echo", [new Uint8Array(MUCH)]);
}

/** How many mappings of shared memory a process has. */
const mappings = ({ runtime }: Subject, pid: number): number =>
  (readText(runtime, `/proc/${pid}/maps`) ?? "").split("\n").filter((line) => line.includes("memfd:reapool-"))
    .length;

const SIZES = [17, 33, 64, 100, 257, 1_000, 1_024, 3_000, 4_095, 4_097, 6_000].map(
  (size) => size * KIB + (size % 7),
);

export const largeBufferCases: readonly ContractCase[] = [
  {
    name: "large buffers: arguments and results of every size arrive as they were, however many are under way",
    run: (subject) =>
      withPool(subject, { maxWorkers: 2, concurrentTasksPerWorker: 4 }, async (pool) => {
        await warmUp(pool);
        const send = (bytes: Uint8Array) => pool.run("echo", [bytes]) as Promise<Uint8Array>;
        for (const atOnce of [1, 3, SIZES.length]) {
          for (let round = 0; round < 2; round++) {
            const sent = SIZES.map((size, i) => patterned(size, i + round));
            const received: Uint8Array[] = [];
            for (let at = 0; at < sent.length; at += atOnce)
              received.push(...(await Promise.all(sent.slice(at, at + atOnce).map(send))));
            const wrong = sent.filter((bytes, i) => !isSame(bytes, received[i] as Uint8Array));
            assertEqual(
              wrong.map(({ length }) => length),
              [],
              `sizes that came back different, ${atOnce} at once`,
            );
          }
        }
      }),
  },
  {
    name: "large buffers: several in one value, beside text, and what is on one buffer",
    run: (subject) =>
      withPool(subject, { maxWorkers: 1 }, async (pool) => {
        await warmUp(pool);
        for (let round = 0; round < 4; round++) {
          const one = patterned(200 * KIB, round);
          const value = {
            bytes: [
              patterned(20 * KIB, 1 + round),
              new Uint8Array(0),
              patterned(1, 2),
              patterned(900 * KIB, 3),
            ],
            text: `${"ä€😀".repeat(40 * KIB)}${round}`,
            views: [new Uint8Array(one.buffer, 0, 100), new Float64Array(one.buffer, 8, 1_000)],
          };
          const back = (await pool.run("echo", [value])) as typeof value;
          assert(back.text === value.text, "Expected the text as it was");
          assertEqual(back.bytes.map((bytes, i) => isSame(bytes, value.bytes[i] as Uint8Array)), [true, true, true, true], "bytes"); // biome-ignore format: one
          assert(back.views[0]?.buffer === back.views[1]?.buffer, "Expected both views on one buffer");
          assert(isSame(new Uint8Array(back.views[0]?.buffer as ArrayBuffer), one), "Expected its bytes");
        }
      }),
  },
  {
    name: "large buffers: a result is the caller's own, whatever comes after it",
    run: (subject) =>
      withPool(subject, { maxWorkers: 1 }, async (pool) => {
        await warmUp(pool);
        const first = (await pool.run("echo", [patterned(MUCH, 1)])) as Uint8Array;
        for (let i = 2; i < 12; i++) {
          const next = (await pool.run("echo", [patterned(MUCH, i)])) as Uint8Array;
          next.fill(0);
        }
        assert(isSame(first, patterned(MUCH, 1)), "Expected the first result as it was");
      }),
  },
  {
    name: "large buffers: what is emitted",
    run: (subject) =>
      withPool(subject, { maxWorkers: 1 }, async (pool) => {
        await warmUp(pool);
        const values = Array.from({ length: 30 }, (_, i) => patterned(20 * KIB + i * 10_007, i));
        const given: Uint8Array[] = [];
        await pool.run("emit", [values], { onProgress: (value) => given.push(value as Uint8Array) });
        assertEqual(values.map((value, i) => isSame(value, given[i] as Uint8Array)).indexOf(false), -1, "a progress that differs"); // biome-ignore format: one
      }),
  },
  {
    name: "large buffers: shared memory carries them, and is let go when the worker is gone",
    needs: "sharedMemory",
    run: (subject) =>
      withPool(subject, { minWorkers: 2, maxWorkers: 2, worker: { stderr: "ignore" } }, async (pool) => {
        const { runtime } = subject;
        const before = mappings(subject, runtime.pid);
        await pool.ready();
        for (let i = 0; i < 8; i++) await pool.broadcast("echo", [new Uint8Array(MUCH)]);
        const pids = pool.workers.map(({ pid }) => pid as number);
        assertEqual(
          pids.map((pid) => mappings(subject, pid)),
          pids.map(() => 2),
          "mappings of each worker",
        );
        assertEqual(mappings(subject, runtime.pid) - before, 2 * pids.length, "mappings of the host");
        const deaths = await Promise.allSettled(pids.map(() => pool.run("exit", [3])));
        assertEqual(
          deaths.map(({ status }) => status),
          pids.map(() => "rejected"),
          "calls that end their worker",
        );
        // A new worker shares none until it was sent as much.
        await until(
          runtime,
          () => mappings(subject, runtime.pid) === before,
          "the host to let go of the memory",
        );
        const bytes = patterned(MUCH, 9);
        assert(
          isSame((await pool.run("echo", [bytes])) as Uint8Array, bytes),
          "Expected the next workers to answer",
        );
      }),
  },
  {
    name: "large buffers: in worker.data, they change nothing about what the journal of a dead worker tells",
    run: (subject) =>
      withPool(
        subject,
        {
          maxWorkers: 1,
          prefetch: 8,
          worker: { stderr: "ignore", data: { bytes: patterned(2_000 * KIB, 1), more: patterned(MUCH, 2) } },
        },
        async (pool) => {
          for (let round = 0; round < 4; round++) {
            await pool.run("nothing");
            const calls = Array.from({ length: 5 }, (_, i) => pool.run("add", [i, round]));
            const dying = pool.run("die", ["SIGKILL"]).then(
              () => "resolved",
              () => "rejected",
            );
            const behind = pool.run("add", [100, round]);
            assertEqual(await Promise.all(calls), [0, 1, 2, 3, 4].map((i) => i + round), "calls before the one that dies"); // biome-ignore format: one
            assertEqual([await dying, await behind], ["rejected", 100 + round], "it, and the one behind it");
          }
        },
      ),
  },
  {
    name: "large buffers: none is lost or changed when workers die in the middle of them",
    run: (subject) =>
      withPool(subject, { maxWorkers: 2, prefetch: 4, worker: { stderr: "ignore" } }, async (pool) => {
        for (let round = 0; round < 5; round++) {
          await warmUp(pool);
          const sent = Array.from({ length: 12 }, (_, i) => patterned(MUCH + i * 1_009, i + round));
          const calls = sent.map((bytes, i) =>
            i === 6 ? pool.run("exit", [round]) : pool.run("echo", [bytes], { retries: 3 }),
          );
          const outcomes = await Promise.allSettled(calls);
          const wrong = outcomes.flatMap((outcome, i) => {
            if (i === 6) return outcome.status === "rejected" ? [] : ["the guilty one"];
            if (outcome.status === "rejected") return [`${i}: ${String(outcome.reason)}`];
            return isSame(outcome.value as Uint8Array, sent[i] as Uint8Array) ? [] : [`${i} differs`];
          });
          assertEqual(wrong, [], `calls of round ${round} that went wrong`);
        }
      }),
  },
];
