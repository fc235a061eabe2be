/**
 * How Node calls C functions: through `node:ffi` where Node has it (26), else through koffi, an optional dependency: it may have
 * been left out, and where native addons are not allowed it does not load. Owns which of them is there; what is called
 * is up to libc.ts and memory.ts.
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
  if (hasFfi()) return undefined;
  const found = findKoffi();
  return typeof found === "string" ? found : undefined;
}

export function hasFfi(): boolean {
  return process.getBuiltinModule("node:module").isBuiltin("node:ffi");
}

/** Node warns at the first call that it is experimental. */
export function loadFfi(): Ffi {
  return process.getBuiltinModule("node:ffi") as unknown as Ffi;
}

/** @throws Error with the reason where it can't be had. */
export function loadKoffi(): Koffi {
  const found = findKoffi();
  if (typeof found === "string") throw new Error(found);
  return found;
}

/** A string is why there is none. Kept: Node would look for one that does not load again each time. */
let koffi: Koffi | string | undefined;

function findKoffi(): Koffi | string {
  try {
    koffi ??= openKoffi();
    return koffi;
  } catch (error) {
    return `${MISSING}: ${(error as Error).message}`;
  }
}

const MISSING = "Node before 26 can call libc through the package koffi alone";

/** The part of koffi for one platform has all that is needed, and no install script, which pnpm would refuse. */
const PACKAGES = [`@koromix/koffi-linux-${process.arch}`, "koffi"];

/**
 * `require` is made here, and its argument is no module that a bundler could see: it would fail to resolve what has been
 * left out, or to bundle a native addon.
 *
 * @throws Error for a reason that may pass.
 */
function openKoffi(): Koffi | string {
  // Nothing is imported above: it would be loaded at every start of a worker.
  const { createRequire } = process.getBuiltinModule("node:module");
  // Not `import.meta.url`: bundlers put the path of this file on the machine that builds in its place. The last is that of a
  // single executable, which has no other place, and whose `argv` may be relative.
  for (const from of [import.meta.filename, process.argv[1], process.execPath]) {
    for (const name of PACKAGES) {
      let require: NodeJS.Require;
      try {
        require = createRequire(from as string);
        require.resolve(name);
      } catch (error) {
        throwIfPassing(error);
        continue; // not there; or a bundle in which `import.meta.filename` is undefined
      }
      try {
        return require(name) as Koffi;
      } catch (error) {
        throwIfPassing(error);
        return `${MISSING}, which does not load: ${(error as Error).message.replace(/\.$/, "")}`;
      }
    }
  }
  return `${MISSING}; npm install koffi`;
}

/** Descriptors come free again. Node says so in the message of whatever it could not do meanwhile. */
function throwIfPassing(error: unknown): void {
  if (/EMFILE|ENFILE|too many open files/i.test((error as Error).message)) throw error;
}
