/** The contenders. Loads none of them: a fresh process loads only its own. */
import type { Contender } from "./contender.ts";

export type Kind = "reapool" | "processes" | "threads" | "floor";

export interface Entry {
  readonly name: string;
  readonly kind: Kind;
  /** The package whose version is reported. */
  readonly package: string;
  /** The workloads it takes part in; all if left out. */
  readonly only?: readonly string[];
  /** The product, its floor, and the best peer of each kind. Only these take part in a quick run, and in workloads too long for all. */
  readonly isReference?: true;
  /** Runs in runtimes that can do without FFI, and does without. */
  readonly isWithoutFfi?: true;
  readonly load: () => Promise<Contender>;
}

export const ENTRIES: readonly Entry[] = [
  {
    name: "reapool",
    kind: "reapool",
    isReference: true,
    package: "@reapool/core",
    load: async () => (await import("./reapool.ts")).reapool,
  },
  {
    name: "reapool prefetch 0",
    kind: "reapool",
    only: ["no-op-in-flight", "busy-tasks", "mixed"],
    package: "@reapool/core",
    load: async () => (await import("./reapool.ts")).reapoolWithoutPrefetch,
  },
  {
    name: "reapool without FFI",
    kind: "reapool",
    isReference: true,
    isWithoutFfi: true,
    only: ["calls"],
    package: "@reapool/core",
    load: async () => (await import("./reapool.ts")).reapool,
  },
  {
    name: "tinypool",
    kind: "processes",
    package: "tinypool",
    load: async () => (await import("./tinypool.ts")).tinypool,
  },
  {
    name: "workerpool",
    kind: "processes",
    package: "workerpool",
    load: async () => (await import("./workerpool.ts")).workerpool,
  },
  {
    name: "jest-worker",
    kind: "processes",
    package: "jest-worker",
    load: async () => (await import("./jest-worker.ts")).jestWorker,
  },
  {
    name: "poolifier cluster",
    kind: "processes",
    isReference: true,
    package: "poolifier",
    load: async () => (await import("./poolifier.ts")).poolifierCluster,
  },
  {
    name: "poolifier threads",
    kind: "threads",
    package: "poolifier",
    load: async () => (await import("./poolifier.ts")).poolifierThreads,
  },
  {
    name: "piscina",
    kind: "threads",
    isReference: true,
    package: "piscina",
    load: async () => (await import("./piscina.ts")).piscina,
  },
  {
    name: "floor",
    kind: "floor",
    isReference: true,
    package: "bench",
    load: async () => (await import("./floor.ts")).floor,
  },
  {
    name: "floor, promises",
    kind: "floor",
    only: ["no-op-sequential", "no-op-in-flight"],
    package: "bench",
    load: async () => (await import("./floor.ts")).floorWithPromises,
  },
];

/** The contender that the others are compared with. */
export const OURS = "reapool";

export function findEntry(name: string): Entry {
  const entry = ENTRIES.find((candidate) => candidate.name === name);
  if (entry === undefined) throw new Error(`Expected one of the contenders, received ${name}`);
  return entry;
}
