/** libc from Deno: through `Deno.dlopen`, where the host has `--allow-ffi`. */
import { bare, type Libc, openFirst } from "@reapool/core";
import { isGranted } from "./is-granted.ts";

export function canOpenLibc(): boolean {
  return missing() === undefined;
}

export function openLibc(): Libc | string {
  return missing() ?? openFirst(openByFfi);
}

function missing(): string | undefined {
  if (Deno.build.os !== "linux") return "it takes Linux";
  if (!("window" in globalThis) && "WorkerGlobalScope" in globalThis)
    return "only the main thread hears SIGCHLD";
  if (isGranted({ name: "ffi" })) return undefined;
  return "Deno calls libc with --allow-ffi alone";
}

function openByFfi(name: string): Libc {
  const { waitid, getsid, prctl } = Deno.dlopen(
    name,
    bare({
      waitid: bare({ parameters: ["i32", "i32", "buffer", "i32"], result: "i32" }),
      getsid: bare({ parameters: ["i32"], result: "i32" }),
      prctl: bare({ parameters: ["i32", "pointer", "u64", "u64", "u64"], result: "i32" }),
    }),
  ).symbols;
  return {
    waitid: (idType, id, info, options) => waitid(idType, id, info as Uint8Array<ArrayBuffer>, options),
    getsid: (pid) => getsid(pid),
    prctl: (option, argument) => prctl(option, toPointer(argument), 0n, 0n, 0n),
  };
}

function toPointer(argument: number | Uint8Array): Deno.PointerValue {
  if (typeof argument === "number") return Deno.UnsafePointer.create(BigInt(argument));
  return Deno.UnsafePointer.of(argument as Uint8Array<ArrayBuffer>);
}
