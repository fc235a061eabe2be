/** A worker with a fault in each field of the protocol: its call settles, the pool goes on, and the host is not harmed. */
import type { PoolOptions } from "../../options/pool-options.ts";
import { assert, assertEqual, type ContractCase, type Subject, until } from "../contract-case.ts";
import { ASKED } from "../foreign/answer-faults.ts";
import type { Effect, Fault, Way } from "../foreign/fault.ts";
import { faults } from "../foreign/faults.ts";
import { type ForeignPool, foreignLauncher, withForeignPool } from "../foreign/pool.ts";

/** For workers that stay silent. No case measures it, and a slow machine starts a good worker within it. */
const START_TIMEOUT = 15_000;
/** Pools at the same time. */
const AT_ONCE = 3;

const frameOf = ({ name }: Fault): string => name.slice(0, name.indexOf(":"));

/** One case for each frame that has faults. */
export const hostileCases: readonly ContractCase[] = [...new Set(faults.map(frameOf))].map((frame) => ({
  name: `hostile: whatever is wrong with ${frame}, the call settles and the pool goes on`,
  run: async (subject) => {
    const groups = groupsOf(faults.filter((fault) => frameOf(fault) === frame));
    const failures: string[] = [];
    const work = async () => {
      for (let group = groups.shift(); group !== undefined; group = groups.shift()) {
        await withGroup(subject, group, failures);
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, work));
    assert(failures.length === 0, failures.join("\n"));
  },
}));

/**
 * Faults that share a pool. A fault in an answer is requested by its name. Any other belongs to a worker: where that ends,
 * the next worker of the pool has the next fault, and the last is a good one; where it goes on, the fault needs a pool of
 * its own.
 */
function groupsOf(of: readonly Fault[]): Fault[][] {
  const answers = of.filter((fault) => fault.answer !== undefined);
  const others = of.filter((fault) => fault.answer === undefined);
  const isAlone = ({ effect, isMute }: Fault) => isMute === true || EXPECTED[effect].exits.length === 0;
  const ending = others.filter((fault) => !isAlone(fault));
  const inTurn = Array.from({ length: AT_ONCE }, (_, n) => ending.filter((_, i) => i % AT_ONCE === n));
  const byCodec = [undefined, "graph"].map((codec) => answers.filter((fault) => fault.codec === codec));
  const alone = others.filter(isAlone).map((fault) => [fault]);
  return [...byCodec, ...alone, ...inTurn].filter(({ length }) => length > 0);
}

async function withGroup(subject: Subject, group: readonly Fault[], failures: string[]): Promise<void> {
  const [{ name, codec, answer, isMute }] = group as readonly [Fault];
  const good = codec === "graph" ? "good-graph" : "good";
  const manners = answer === undefined ? group.map((fault) => fault.name) : [];
  const options: PoolOptions = {
    worker: () => ({
      launcher: foreignLauncher(subject),
      env: { FOREIGN: manners.shift() ?? good },
      stderr: "ignore",
    }),
    restart: { intensity: group.length, backoff: { initial: 1, max: 1 } },
    ...(isMute ? { startTimeout: START_TIMEOUT } : {}),
  };
  await withForeignPool(subject, name, options, async (pool) => {
    const reasons: string[] = [];
    pool.on("exit", ({ reason }) => reasons.push(reason));
    for (const fault of group) {
      reasons.length = 0;
      await hold(subject, pool, fault, reasons).catch((error: Error) =>
        failures.push(`${fault.name}: ${error.message}`),
      );
    }
    assertEqual(await settle(pool.run("echo", [ASKED])), "its value", "the call behind them all");
    await pool.close();
  });
}

async function hold(
  { runtime }: Subject,
  pool: ForeignPool,
  fault: Fault,
  reasons: readonly string[],
): Promise<void> {
  const call = WAYS[fault.way ?? "run"];
  const { codes, exits } = EXPECTED[fault.effect];
  const settled = await settle(call(pool, fault.answer === undefined ? ASKED : fault.name));
  assert(codes.includes(settled), `Expected the call to give ${codes.join(" or ")}, received ${settled}`);
  if (fault.answer !== undefined || exits.length === 0) {
    assertEqual(await settle(call(pool, ASKED)), "its value", "the next call");
  } else await until(runtime, () => reasons.length > 0, "the end of its worker"); // it may be told after the answer
  const isExpected =
    reasons.length === Math.min(exits.length, 1) && reasons.every((why) => exits.includes(why));
  assert(isExpected, `Expected a worker to end by ${exits.join(" or ") || "nothing"}, received ${reasons}`);
  const keys = Reflect.ownKeys(Object.prototype).length + Object.keys(Object.prototype).length;
  assertEqual(keys, UNTOUCHED, "the keys of Object.prototype");
}

const UNTOUCHED = Reflect.ownKeys(Object.prototype).length;

interface Expected {
  /** Expected outcomes of the call. */
  readonly codes: readonly string[];
  /** Reasons for which the worker may end; empty when it goes on. */
  readonly exits: readonly string[];
}

const EXPECTED: Readonly<Record<Effect, Expected>> = {
  call: { codes: ["ERR_PROTOCOL"], exits: [] },
  worker: { codes: ["ERR_PROTOCOL"], exits: ["protocol"] },
  start: { codes: ["ERR_WORKER_START"], exits: ["start", "protocol"] },
  nothing: { codes: ["its value"], exits: [] },
  later: { codes: ["its value"], exits: ["protocol"] },
  ends: { codes: ["ERR_WORKER_EXIT", "ERR_PROTOCOL"], exits: ["crash", "protocol"] },
  answers: { codes: ["its value"], exits: ["crash"] },
  either: { codes: ["its value", "another value", "ERR_PROTOCOL"], exits: [] },
};

/** Each resolves to ASKED, or to nothing, if the worker serves well. */
const WAYS: Readonly<Record<Way, (pool: ForeignPool, asked: string) => Promise<unknown>>> = {
  run: (pool, asked) => pool.run("echo", [asked]),
  progress: (pool, asked) => pool.run("echo", [asked], { onProgress: () => {} }),
  input: (pool, asked) => pool.run("echo", [endless(), asked]),
  stream: async (pool, asked) => {
    for await (const _ of pool.stream("echo", [asked])) {
      // Its items don't matter.
    }
  },
  chunk: async (pool, asked) => {
    const results: unknown[] = [];
    const items = [1, 2, 3].map(() => [asked]);
    for await (const result of pool.map("echo", items, { chunk: 3, concurrency: 3 })) results.push(result);
    assertEqual(results, [ASKED, ASKED, ASKED], "the results of a map");
  },
};

async function* endless(): AsyncGenerator<number> {
  for (let i = 0; ; i++) yield i;
}

async function settle(call: Promise<unknown>): Promise<string> {
  try {
    const value = await call;
    return value === ASKED || value === undefined || value === null ? "its value" : "another value";
  } catch (error) {
    return String((error as { code?: unknown }).code ?? error);
  }
}
