/**
 * The bytes of a buffer as they are now, to be sent later. Keeps the memory of snapshots that are of no use any more for
 * the next of the same size: fresh memory costs a page fault for every 4 KiB, which can take longer than to send them.
 *
 * The first collection of garbage that finds it unused for a second gives it up. To remember it only weakly was not enough:
 * large values bring collections themselves, and each 64 MiB were fresh [measured].
 */

/** Smaller ones come out of memory that the allocator has at hand. */
const LARGE_BYTES = 64 * 1024;
const MAX_KEPT = 64;
/** Of all that is kept. */
const MAX_KEPT_BYTES = 128 * 1024 * 1024;
const KEPT_MS = 1_000;

interface Kept {
  readonly copy: Uint8Array<ArrayBuffer>;
  readonly since: number;
}

let kept: Kept[] = [];
let isWatching = false;

/** Nobody holds what is registered, so the next collection tells of it. */
const collections = new FinalizationRegistry<undefined>(() => {
  isWatching = false;
  const oldest = performance.now() - KEPT_MS;
  kept = kept.filter(({ since }) => since > oldest);
  if (kept.length > 0) watch();
});

export function snapshot(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const copy = (bytes.length < LARGE_BYTES ? undefined : reuse(bytes.length)) ?? new Uint8Array(bytes.length);
  copy.set(bytes);
  return copy;
}

/** Nobody reads or sends it any more, and nobody else will let go of it. */
export function letGo(copy: Uint8Array): void {
  const { length } = copy;
  if (length < LARGE_BYTES || kept.length === MAX_KEPT || keptBytes() + length > MAX_KEPT_BYTES) return;
  kept.push({ copy: copy as Uint8Array<ArrayBuffer>, since: performance.now() });
  if (!isWatching) watch();
}

function reuse(length: number): Uint8Array<ArrayBuffer> | undefined {
  const at = kept.findLastIndex(({ copy }) => copy.length === length);
  return at < 0 ? undefined : kept.splice(at, 1)[0]?.copy;
}

const keptBytes = () => kept.reduce((sum, { copy }) => sum + copy.length, 0);

function watch(): void {
  isWatching = true;
  collections.register({}, undefined);
}
