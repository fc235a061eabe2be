/** The cost of a value that goes to a worker and comes back: bytes, strings, and objects. */
import { median } from "@reapool/measuring/numbers";
import type { OpenPool } from "../contenders/contender.ts";
import { whyOf, within } from "./deadline.ts";
import { cpuSince } from "./drive.ts";
import { type Measured, type Metric, type Size, WORKERS, type Workload } from "./workload.ts";

const KIB = 1024;
const MIB = KIB * KIB;
const SIZES: readonly [label: string, bytes: number][] = [
  ["64 B", 64],
  ["1 KiB", KIB],
  ["64 KiB", 64 * KIB],
  ["1 MiB", MIB],
  ["16 MiB", 16 * MIB],
  ["64 MiB", 64 * MIB],
];
const QUICK_SIZES = ["64 KiB", "1 MiB"];
/** Whose cost for the host is told as well. */
const COSTED_SIZES = ["64 KiB", "1 MiB"];

/** The first trip finds no memory to reuse, unlike all later ones. */
const FEWEST_TRIPS = 3;
const COMPILE_MS = 500;
/** For one size. */
const BUDGET_MS = 200;
/** A round trip that takes longer ends this size and skips the larger ones. */
const LONGEST_MS = 1_000;

interface ValueKind {
  readonly name: string;
  readonly make: (bytes: number) => unknown;
  /** In bytes. Larger values would take a minute more of the whole run than they tell. */
  readonly largest: number;
  /** What is wrong with the returned value; a full comparison would cost more than the trip. */
  readonly isWhole: (sent: never, received: unknown) => boolean;
}

const binary: ValueKind = {
  name: "binary",
  make: (bytes) => new Uint8Array(bytes).fill(7),
  largest: 64 * MIB,
  isWhole: (sent: Uint8Array, received) =>
    received instanceof Uint8Array && received.length === sent.length && received.at(-1) === sent.at(-1),
};

const strings: ValueKind = {
  name: "string",
  make: (bytes) => "The quick brown fox jumps over the lazy dog. ".repeat(bytes / 45 + 1).slice(0, bytes),
  largest: 16 * MIB,
  isWhole: (sent: string, received) => received === sent,
};

const objects: ValueKind = {
  name: "objects",
  make: makeRows,
  largest: MIB,
  isWhole: (sent: Row[], received) =>
    Array.isArray(received) && received.length === sent.length && received.at(-1)?.name === sent.at(-1)?.name,
};

interface Row {
  readonly id: number;
  readonly name: string;
  readonly price: number;
  readonly tags: readonly string[];
  readonly isActive: boolean;
}

/** Rows whose JSON has so many bytes, give or take one row. */
function makeRows(bytes: number): Row[] {
  const rows: Row[] = [];
  for (let size = 0; size < bytes; ) {
    const id = rows.length;
    const row = { id, name: `row ${id}`, price: id / 8, tags: ["a", "bc"], isActive: id % 2 === 0 };
    rows.push(row);
    size += JSON.stringify(row).length + 1;
  }
  return rows;
}

function sizesOf({ largest }: ValueKind, { quick }: Size) {
  return SIZES.filter(([label, bytes]) => bytes <= largest && (!quick || QUICK_SIZES.includes(label)));
}

function payload(kind: ValueKind): Workload {
  return {
    name: `payload-${kind.name}`,
    ...(kind !== binary && { isInQuick: true }),
    about: `A value (${kind.name}) that goes to a worker and comes back, one at a time: how many bytes each way per second, and the host's CPU time for each (with threads the workers' own is in it).`,
    metrics: (size) => [
      ...sizesOf(kind, size).map(
        ([label]): Metric => ({ key: label, label, unit: "MB/s", better: "higher" }),
      ),
      ...COSTED_SIZES.map(
        (label): Metric => ({
          key: `${label} cpu`,
          label: `${label}, host CPU`,
          unit: "µs",
          better: "lower",
        }),
      ),
    ],
    async measure(contender, size, tell) {
      const pool = await contender.open({ workers: WORKERS, values: kind === binary ? "bytes" : "json" });
      const measured: Record<string, Measured[string]> = {};
      let obstacle: Measured[string] | undefined;
      // Until the code of both sides has been compiled for good.
      await timeTrip(pool, kind, 64, COMPILE_MS);
      for (const [label, bytes] of sizesOf(kind, size)) {
        if (obstacle === undefined) {
          try {
            const { ms, cpu } = await timeTrip(pool, kind, bytes, BUDGET_MS);
            measured[label] = bytes / 1_000 / ms;
            if (COSTED_SIZES.includes(label)) measured[`${label} cpu`] = cpu;
          } catch (error) {
            obstacle = whyOf(error);
          }
        }
        measured[label] ??= obstacle as Measured[string];
        tell(measured);
      }
      return measured;
    },
  };
}

/** In ms, without the first trip, and the host's CPU time for each in µs. */
async function timeTrip(
  pool: OpenPool,
  kind: ValueKind,
  bytes: number,
  budget: number,
): Promise<{ readonly ms: number; readonly cpu: number }> {
  const value = kind.make(bytes);
  const times: number[] = [];
  const end = performance.now() + budget;
  let cpuBefore = process.cpuUsage();
  do {
    const start = performance.now();
    const back = await within(LONGEST_MS, "answer", pool.run("echo", value));
    times.push(performance.now() - start);
    if (times.length === 1 && !kind.isWhole(value as never, back)) {
      throw new Error(`what came back is not what was sent: ${Object.prototype.toString.call(back)}`);
    }
    if (times.length === 1) cpuBefore = process.cpuUsage();
  } while (performance.now() < end || times.length < FEWEST_TRIPS);
  return { ms: median(times.slice(1)), cpu: cpuSince(cpuBefore) / (times.length - 1) };
}

export const payloads: readonly Workload[] = [binary, strings, objects].map(payload);
