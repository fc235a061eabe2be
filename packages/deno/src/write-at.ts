/** A write by position, to its end: with little room left the system takes a part, and says so by the number alone. */

/** @throws Error when there is no room for the rest. */
export function writeAt(file: Deno.FsFile, bytes: Uint8Array, at: number): void {
  file.seekSync(at, Deno.SeekMode.Start);
  for (let rest = bytes; rest.length > 0; ) rest = rest.subarray(file.writeSync(rest));
}
