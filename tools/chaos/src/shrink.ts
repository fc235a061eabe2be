/**
 * Simplifies a program as long as it still fails: fewer parts first, then fewer steps, then fewer options, then
 * smaller numbers. PURE except for the check whether it still fails. It takes any simplification that still fails, so
 * the result is small, not smallest.
 */
import { isSound, type Program, partsOf, stepsOf, withParts } from "./program.ts";

export interface ShrinkOptions {
  /** Whether the program still fails. */
  readonly fails: (program: Program) => Promise<boolean>;
  readonly isOver: () => boolean;
}

export async function shrink(program: Program, { fails, isOver }: ShrinkOptions): Promise<Program> {
  let smallest = program;
  const attempt = async (candidate: Program): Promise<boolean> => {
    if (!isSound(candidate) || !(await fails(candidate))) return false;
    smallest = candidate;
    return true;
  };
  /** Removes many at once, then half as many, and so on. */
  const withFewer = async (
    listOf: (program: Program) => readonly unknown[],
    without: (isKept: (item: unknown, index: number) => boolean) => Program,
  ): Promise<boolean> => {
    let wasSmaller = false;
    for (let size = listOf(smallest).length >> 1 || 1; size >= 1; size >>= 1) {
      for (let from = 0; from < listOf(smallest).length && !isOver(); ) {
        const candidate = without((_, i) => i < from || i >= from + size);
        if (listOf(candidate).length < listOf(smallest).length && (await attempt(candidate)))
          wasSmaller = true;
        else from += size;
      }
    }
    return wasSmaller;
  };
  for (let wasSmaller = true; wasSmaller && !isOver(); ) {
    wasSmaller = false;
    if (await withFewer(partsOf, (isKept) => withParts(smallest, partsOf(smallest).filter(isKept))))
      wasSmaller = true;
    if (
      partsOf(smallest).length > 1 &&
      !isOver() &&
      (await attempt(withParts(smallest, [stepsOf(smallest)])))
    )
      wasSmaller = true;
    if (await withFewer(stepsOf, (isKept) => withSteps(smallest, isKept))) wasSmaller = true;
    for (let next = 0; !isOver(); ) {
      const candidate = simplerOnes(smallest)[next];
      if (candidate === undefined) break;
      if (await attempt(candidate)) wasSmaller = true;
      else next++;
    }
  }
  return smallest;
}

/** The program with some of its steps, in their original parts. */
function withSteps(program: Program, isKept: (item: unknown, index: number) => boolean): Program {
  let index = 0;
  return withParts(
    program,
    partsOf(program).map((part) => part.filter((step) => isKept(step, index++))),
  );
}

/** Required properties. */
const NEEDED = new Set([
  "pools",
  "steps",
  "do",
  "id",
  "work",
  "maxWorkers",
  "of",
  "to",
  "worker",
  "signal",
  "tasks",
]);
const AT_LEAST_ONE = new Set([
  "maxWorkers",
  "to",
  "tasks",
  "concurrentTasksPerWorker",
  "chunk",
  "concurrency",
]);
/** Properties that name things. */
const KEPT = new Set(["id", "call", "pool"]);

/** Variants, each with one thing less, or one number smaller. */
function simplerOnes(program: Program): Program[] {
  const found: Program[] = [];
  const visit = (value: unknown, key: string, put: (simpler: unknown) => Program): void => {
    if (typeof value === "number" && !KEPT.has(key)) {
      for (const smaller of smallerThan(value, AT_LEAST_ONE.has(key) ? 1 : 0)) found.push(put(smaller));
    }
    if (Array.isArray(value)) {
      value.forEach((item, i) => void visit(item, key, (simpler) => put(value.with(i, simpler))));
    } else if (typeof value === "object" && value !== null) {
      for (const name of Object.keys(value)) {
        const { [name]: property, ...rest } = value as Record<string, unknown>;
        const isNeeded = NEEDED.has(name) || (name === "ms" && "do" in value);
        if (!isNeeded) found.push(put(rest));
        visit(property, name, (simpler) => put({ ...value, [name]: simpler }));
      }
    }
  };
  visit(program, "", (simpler) => simpler as Program);
  const [pool] = program.pools;
  if (program.pools.length > 1 && pool !== undefined) {
    const parts = partsOf(program).map((part) => part.map((step) => ({ ...step, pool: undefined })));
    const simpler = withParts({ ...program, pools: [pool] }, parts as unknown as Program["steps"][]);
    found.unshift(JSON.parse(JSON.stringify(simpler)));
  }
  return found;
}

function smallerThan(value: number, least: number): number[] {
  const candidates = [least, 1, Math.floor(value / 2), Math.floor(value - 1)];
  return [...new Set(candidates)].filter((smaller) => smaller < value && smaller >= least);
}
