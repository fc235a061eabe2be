/** Writes by position, to their end: with little room left the system takes a part, and says so by the number alone. */

/** @throws Error when there is no room for the rest. */
export function writeAt(file: Deno.FsFile, bytes: Uint8Array, at: number): void {
  file.seekSync(at, Deno.SeekMode.Start);
  writeAll(file, bytes);
}

/** For a file that nobody reads or moves meanwhile: one write behind the other saves the seek, half of what it costs. */
export function openWriter(file: Deno.FsFile): (bytes: Uint8Array, at: number) => void {
  let position: number | undefined;
  return (bytes, at) => {
    if (at !== position) file.seekSync(at, Deno.SeekMode.Start);
    position = undefined; // a write that fails leaves it anywhere
    writeAll(file, bytes);
    position = at + bytes.length;
  };
}

function writeAll(file: Deno.FsFile, bytes: Uint8Array): void {
  for (let rest = bytes; rest.length > 0; ) rest = rest.subarray(file.writeSync(rest));
}
