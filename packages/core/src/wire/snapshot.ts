/**
 * The bytes of a buffer as they are now, to be sent later. Reuses the memory of old snapshots, and of what has been read, for
 * the next one of the same size: fresh memory costs a page fault for every 4 KiB, which can take longer than sending them.
 *
 * The first garbage collection that finds memory unused for a second releases it. A weak reference alone was not
 * enough: large values trigger collections themselves, so each 64 MiB were fresh [measured].
 */
import { now } from "./wire-clock.ts";

/** Smaller ones come from memory that the allocator has at hand. */
const LARGE_BYTES = 64 * 1024;
const MAX_KEPT = 64;
/** The most memory kept in total. */
const MAX_KEPT_BYTES = 128 * 1024 * 1024;
const KEPT_MS = 1_000;

const encoder = new TextEncoder();

interface Kept {
  readonly copy: Uint8Array<ArrayBuffer>;
  readonly since: number;
}

let kept: Kept[] = [];
let isWatching = false;

/** Nothing else holds the registered object, so the next collection reports it. */
const collections = new FinalizationRegistry<undefined>(() => {
  isWatching = false;
  const oldest = now() - KEPT_MS;
  kept = kept.filter(({ since }) => since > oldest);
  if (kept.length > 0) watch();
});

export function snapshot(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const copy = memoryFor(bytes.length);
  copy.set(bytes);
  return copy;
}

/** The same for the bytes of a text, as UTF-8. It must be well-formed. */
export function snapshotText(text: string): Uint8Array<ArrayBuffer> {
  const { length } = text;
  const copy = memoryFor(length);
  const { read, written } = encoder.encodeInto(text, copy);
  if (read === length && written === length) return copy; // a byte for each unit
  letGo(copy);
  return encoder.encode(text);
}

/** Marks memory as free: nothing reads or sends it any more, and nothing else will free it. */
export function letGo(copy: Uint8Array): void {
  const { length } = copy;
  if (length < LARGE_BYTES || length > MAX_KEPT_BYTES) return;
  while (kept.length === MAX_KEPT || keptBytes() + length > MAX_KEPT_BYTES) kept.shift(); // of a length that comes no more, say
  kept.push({ copy: copy as Uint8Array<ArrayBuffer>, since: now() });
  if (!isWatching) watch();
}

/** So many bytes, which may have anything in them. */
export function memoryFor(length: number): Uint8Array<ArrayBuffer> {
  return (length < LARGE_BYTES ? undefined : reuse(length)) ?? new Uint8Array(length);
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
