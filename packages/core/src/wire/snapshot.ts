/**
 * The bytes of a buffer as they are now, to be sent later. Keeps the memory of snapshots that are of no use any more for
 * the next of the same size: fresh memory costs a page fault for every 4 KiB, which can take longer than to send them.
 * It is only remembered, so the collector takes it whenever it comes by.
 */

/** Smaller ones come out of memory that the allocator has at hand. */
const LARGE_BYTES = 64 * 1024;
const MAX_KEPT = 16;

const kept: WeakRef<Uint8Array<ArrayBuffer>>[] = [];

export function snapshot(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const copy = (bytes.length < LARGE_BYTES ? undefined : reuse(bytes.length)) ?? new Uint8Array(bytes.length);
  copy.set(bytes);
  return copy;
}

/** Nobody reads or sends it any more, and nobody else will let go of it. */
export function letGo(copy: Uint8Array): void {
  if (copy.length >= LARGE_BYTES && kept.length < MAX_KEPT) {
    kept.push(new WeakRef(copy as Uint8Array<ArrayBuffer>));
  }
}

function reuse(length: number): Uint8Array<ArrayBuffer> | undefined {
  for (let i = kept.length - 1; i >= 0; i--) {
    const copy = kept[i]?.deref();
    if (copy !== undefined && copy.length !== length) continue;
    kept.splice(i, 1);
    if (copy !== undefined) return copy;
  }
  return undefined;
}
