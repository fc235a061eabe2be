/** libc from Bun: through `bun:ffi`. */
import type { Pointer } from "bun:ffi";
import { type Libc, openFirst } from "@reapool/core";

export function canOpenLibc(): boolean {
  return missing() === undefined;
}

export function openLibc(): Libc | string {
  return missing() ?? openFirst(openByFfi);
}

function missing(): string | undefined {
  return process.platform === "linux" ? undefined : "it takes Linux";
}

function openByFfi(name: string): Libc {
  // Not imported: in another runtime this adapter could not say that it is the wrong one.
  const { dlopen } = process.getBuiltinModule("bun:ffi") as unknown as typeof import("bun:ffi");
  const { waitid, getsid, prctl } = dlopen(name, {
    waitid: { args: ["i32", "i32", "ptr", "i32"], returns: "i32" },
    getsid: { args: ["i32"], returns: "i32" },
    prctl: { args: ["i32", "ptr", "u64", "u64", "u64"], returns: "i32" },
  }).symbols;
  return {
    waitid: (idType, id, info, options) => waitid(idType, id, info, options),
    getsid: (pid) => getsid(pid),
    // A number is taken for an address, which is what the kernel gets.
    prctl: (option, argument) => prctl(option, argument as Pointer | Uint8Array, 0n, 0n, 0n),
  };
}
