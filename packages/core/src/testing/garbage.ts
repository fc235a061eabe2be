/** Provokes a garbage collection, which no runtime offers without a flag. For the contract's cases and its worker module. */

/** Large enough that each counts, and never written to, so that it costs no memory. */
const BYTES = 64 * 2 ** 20;
const MOST = 2000;

/** Creates garbage, turn by turn, until `isDone` is true. */
export async function leaveGarbageUntil(
  isDone: () => boolean | Promise<boolean>,
  what: string,
): Promise<void> {
  for (let i = 0; i < MOST; i++) {
    if (await isDone()) return;
    void new ArrayBuffer(BYTES);
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  throw new Error(`Expected ${what} after a garbage collection`);
}

/** Returns a function that says whether a collection has happened: it watches an object that nothing references. */
export function collectionProbe(): () => boolean {
  const registry = new FinalizationRegistry<() => void>((tell) => tell());
  probes.add(registry); // otherwise the registry itself would be collected, and never call back
  let isCollected = false;
  registry.register({}, () => {
    isCollected = true;
    probes.delete(registry);
  });
  return () => isCollected;
}

const probes = new Set<object>();
