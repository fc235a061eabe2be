/**
 * The descriptors that a Deno host has inherited, or keeps open over exec itself: it would pass them on to each process it
 * starts, so that a worker holds another program's pipe open.
 */
import { closingDescriptors, openFirst } from "@reapool/core";
import { isGranted } from "./is-granted.ts";

/** Those looked at: in practice none is inherited beyond them. */
const DESCRIPTORS = 4_096;
/** Marks a descriptor to be closed at exec. It takes no third argument: how a variadic function gets one differs. */
const FIOCLEX = Deno.build.os === "darwin" ? 0x20006601n : 0x5451n;

let areMarked: boolean | undefined;

/**
 * The command line of a process that gets none of them. With permission to call libc they are marked once, as Node marks
 * its own at its start. Otherwise a shell closes them and becomes the program. Where neither is allowed, it gets them.
 */
export function withoutDescriptors(file: string, args: readonly string[]): [file: string, args: string[]] {
  areMarked ??= mark();
  if (areMarked || !isGranted({ name: "run", command: "/bin/sh" }) || !isThere(file))
    return [file, [...args]];
  return closingDescriptors(file, args);
}

function mark(): boolean {
  if (Deno.build.os === "windows") return true;
  if (!isGranted({ name: "ffi" })) return false;
  const marked = openFirst((name) => {
    const library = Deno.dlopen(name, { ioctl: { parameters: ["i32", "u64"], result: "i32" } });
    for (let descriptor = 3; descriptor < DESCRIPTORS; descriptor++)
      library.symbols.ioctl(descriptor, FIOCLEX);
    library.close();
    return library;
  });
  return typeof marked !== "string";
}

/** Only Deno's own start says precisely why a program can't be. Where the host may not look, it is taken to be there. */
function isThere(file: string): boolean {
  try {
    return !file.startsWith("/") || Deno.statSync(file).isFile;
  } catch (error) {
    return !(error instanceof Deno.errors.NotFound);
  }
}
