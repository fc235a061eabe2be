/**
 * How Node calls C functions: through `node:ffi` where Node has it (26), else through the package koffi where it is
 * installed. Owns which of them is there; what is called is up to libc.ts and memory.ts.
 */

/** As far as it is needed here: `@types/node` does not know it yet. */
export interface Ffi {
  dlopen(
    name: string,
    symbols: Record<string, { arguments: readonly string[]; return: string }>,
  ): { functions: Record<string, Call> };
  getRawPointer(bytes: Uint8Array): bigint;
  toArrayBuffer(address: bigint, bytes: number, copy: boolean): ArrayBuffer;
}

/** As far as it is needed here: the package is there or not. */
export interface Koffi {
  load(name: string): {
    func(declaration: string): Call;
    func(name: string, result: string, parameters: readonly string[]): Call;
  };
  view(address: bigint, bytes: number): ArrayBuffer;
}

export type Call = (...values: unknown[]) => number | bigint;

/** Why there is neither. */
export function lacking(): string | undefined {
  if (process.platform !== "linux") return "it takes Linux";
  if (hasFfi() || hasKoffi()) return undefined;
  return "Node before 26 can call libc through the package koffi alone; npm install koffi";
}

export function hasFfi(): boolean {
  return process.getBuiltinModule("node:module").isBuiltin("node:ffi");
}

/** Node warns at the first call that it is experimental. */
export function loadFfi(): Ffi {
  return process.getBuiltinModule("node:ffi") as unknown as Ffi;
}

export function loadKoffi(): Koffi {
  const require = requireHere();
  return require("koffi") as Koffi;
}

function hasKoffi(): boolean {
  try {
    requireHere().resolve("koffi");
    return true;
  } catch {
    return false;
  }
}

/** Nothing is imported above: it would be loaded at every start of a worker. */
function requireHere(): NodeJS.Require {
  return process.getBuiltinModule("node:module").createRequire(import.meta.url);
}
