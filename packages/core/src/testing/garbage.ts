/**
 * Makes the garbage collector come: no runtime offers to call it without a flag. For the cases and for the worker module
 * of the contract.
 */

/** Large enough that each counts, and never touched, so that it costs no memory. */
const BYTES = 64 * 2 ** 20;
const MOST = 2000;

/** Leaves garbage behind, turn by turn, until this is true. */
export async function leaveGarbageUntil(
  isDone: () => boolean | Promise<boolean>,
  what: string,
): Promise<void> {
  for (let i = 0; i < MOST; i++) {
    if (await isDone()) return;
    void new ArrayBuffer(BYTES);
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  throw new Error(`Expected ${what} once the garbage collector has come`);
}

/** Tells whether the collector has come: an object was made for it, and nobody holds it. */
export function collectionProbe(): () => boolean {
  const registry = new FinalizationRegistry<() => void>((tell) => tell());
  probes.add(registry); // it would be collected itself, and tell nobody
  let isCollected = false;
  registry.register({}, () => {
    isCollected = true;
    probes.delete(registry);
  });
  return () => isCollected;
}

const probes = new Set<object>();
