/** libc from Node: through `node:ffi` where Node has it (26), else through the package koffi where it is installed. */
import { createRequire, isBuiltin } from "node:module";
import { isMainThread } from "node:worker_threads";
import { type Libc, openFirst } from "@reapool/core";

const require = createRequire(import.meta.url);

export function canOpenLibc(): boolean {
  return missing() === undefined;
}

export function openLibc(): Libc | string {
  return missing() ?? openFirst(isBuiltin("node:ffi") ? openByFfi : openByKoffi);
}

function missing(): string | undefined {
  if (process.platform !== "linux") return "it takes Linux";
  if (!isMainThread) return "only the main thread hears SIGCHLD";
  if (isBuiltin("node:ffi") || hasKoffi()) return undefined;
  return "Node before 26 can call libc through the package koffi alone; npm install koffi";
}

function hasKoffi(): boolean {
  try {
    require.resolve("koffi");
    return true;
  } catch {
    return false;
  }
}

/** As far as it is needed here: `@types/node` does not know it yet. */
interface Ffi {
  getRawPointer(bytes: Uint8Array): bigint;
  dlopen(
    name: string,
    symbols: Record<string, { arguments: readonly string[]; return: string }>,
  ): { functions: Record<string, (...values: unknown[]) => number> };
}

function openByFfi(name: string): Libc {
  const ffi = require("node:ffi") as Ffi;
  const { waitid, getsid, prctl } = ffi.dlopen(name, {
    waitid: { arguments: ["int32", "int32", "buffer", "int32"], return: "int32" },
    getsid: { arguments: ["int32"], return: "int32" },
    prctl: { arguments: ["int32", "pointer", "uint64", "uint64", "uint64"], return: "int32" },
  }).functions as Record<"waitid" | "getsid" | "prctl", (...values: unknown[]) => number>;
  return {
    waitid: (idType, id, info, options) => waitid(idType, id, info, options),
    getsid: (pid) => getsid(pid),
    prctl: (option, argument) =>
      prctl(
        option,
        typeof argument === "number" ? BigInt(argument) : ffi.getRawPointer(argument),
        0n,
        0n,
        0n,
      ),
  };
}

/** As far as it is needed here: the package is there or not. */
interface Koffi {
  load(name: string): {
    func(declaration: string): (...values: unknown[]) => number;
    func(name: string, result: string, parameters: readonly string[]): (...values: unknown[]) => number;
  };
}

function openByKoffi(name: string): Libc {
  const libc = (require("koffi") as Koffi).load(name);
  const waitid = libc.func("int waitid(int, int, void *, int)");
  const getsid = libc.func("int getsid(int)");
  const prctlWith = (type: string) =>
    libc.func("prctl", "int", ["int", type, "unsigned long", "unsigned long", "unsigned long"]);
  const setByPrctl = prctlWith("unsigned long");
  const getByPrctl = prctlWith("void *");
  return {
    waitid: (idType, id, info, options) => waitid(idType, id, info, options),
    getsid: (pid) => getsid(pid),
    prctl: (option, argument) =>
      (typeof argument === "number" ? setByPrctl : getByPrctl)(option, argument, 0, 0, 0),
  };
}
