/**
 * What this process is while it loads a worker module, told to the pools in it: a module that makes a pool of itself, and
 * starts it as it loads, would start processes without end. Owns the state and the refusal; worker/serve.ts says when it
 * begins and ends, slot/worker-link.ts asks before each start.
 *
 * The state is under a registered symbol: the worker's side and the pools may be two copies of this package.
 */

interface Loading {
  /** The module, and before it those whose loading led to it, as URLs. Empty once the module has been called. */
  readonly lineage: readonly string[];
  /** Modules whose start was refused: a pool that tries again later would start the same chain. */
  readonly refused: readonly string[];
  /** The first refusal. */
  readonly refusal: Error | undefined;
}

const KEY = Symbol.for("reapool.loading");
const place = globalThis as { [KEY]?: Loading };

/** Longer than any program needs: by then the modules have URLs that differ each time. */
const MAX_LINEAGE = 8;

/** What a worker's process says about itself. */
export interface LoadingState {
  begin(lineage: readonly string[]): void;
  /** Why a pool in this process could not start, if so: then this worker must not become ready. */
  refusal(): Error | undefined;
  /** The module is being called: it may use any pool. */
  end(): void;
}

export const processLoading: LoadingState = {
  begin: (lineage) => {
    place[KEY] = { lineage, refused: [], refusal: undefined };
  },
  refusal: () => place[KEY]?.refusal,
  end: () => {
    const loading = place[KEY];
    if (loading !== undefined) place[KEY] = { ...loading, lineage: [] };
  },
};

/**
 * What a worker of this module that is started now is to know: the modules that are being loaded above it.
 *
 * @throws Error when this process is itself loading that module.
 */
export function lineageOf(module: string): readonly string[] {
  const loading = place[KEY];
  if (loading === undefined) return [];
  const { lineage, refused } = loading;
  const file = fileOf(module);
  if (![...lineage, ...refused].some((other) => fileOf(other) === file) && lineage.length < MAX_LINEAGE)
    return lineage;
  const refusal = new Error(
    `Expected a worker module not to start a pool of itself while it loads: each worker would start another. ` +
      `${[...lineage, module].join(" loads, and starts a pool of, ")}. Make the pool in another module than its workers, ` +
      "or start it only in the program (`if (import.meta.main)`)",
  );
  Object.assign(refusal, { lineage: [...lineage, module] }); // by this a process above knows it
  refuse(loading, module, refusal);
  throw refusal;
}

/** A worker of this module could not load it. If that was for its lineage, this process is part of the chain. */
export function noteStartFailure(module: string, error: unknown): void {
  const loading = place[KEY];
  if (loading !== undefined && error instanceof Error && "lineage" in error) refuse(loading, module, error);
}

function refuse(loading: Loading, module: string, refusal: Error): void {
  const refused = [...loading.refused, module];
  place[KEY] = { ...loading, refused, refusal: loading.refusal ?? refusal };
}

/** A query or a hash loads the same file again. */
function fileOf(module: string): string {
  return module.startsWith("file:") ? (module.split(/[?#]/)[0] as string) : module;
}
