/** Cuts bytes as a channel might: the same bytes in the same way each time. */
import { Random } from "./random.ts";

export function chunksOf(input: Uint8Array): Uint8Array[] {
  const random = new Random(input.length, input[input.length >> 1] ?? 0);
  const largest = random.pick([1, 4, 9, 64, 1_024, 65_536]);
  const chunks: Uint8Array[] = [];
  for (let at = 0; at < input.length; ) {
    const end = at + 1 + random.below(largest);
    chunks.push(input.slice(at, end));
    at = end;
  }
  return chunks.length > 1_000 ? [input.slice()] : chunks;
}
