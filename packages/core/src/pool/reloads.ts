/**
 * What becomes of a pool whose maker is loaded again in the same process, as `bun --hot` does with every module at each change:
 * nobody is left to close it. Owns the register of the pools and which of them are replaced; not how a pool closes.
 *
 * The register is under a registered symbol: each load is another copy of this package.
 */

interface Closable {
  close(): Promise<void>;
}

interface Made {
  /** Which load of the copy has made it. */
  readonly load: object;
  readonly module: string;
  /** A pool that has ended is not kept by this. */
  readonly pool: WeakRef<Closable>;
}

const KEY = Symbol.for("reapool.made");
/** By where the copy was loaded from: another copy in the same process was not loaded again. */
const place = globalThis as { [KEY]?: Map<string, readonly Made[]> };

/** This is evaluated once in each load. */
const LOAD = {};

/**
 * Closes the pools that an earlier load of this copy has made of the same worker module. A pool that the application keeps in
 * `globalThis` is made once, so no other replaces it.
 */
export function replaceEarlier(copy: string, module: string, pool: Closable, load: object = LOAD): void {
  place[KEY] ??= new Map();
  const file = fileOf(module);
  const living = (place[KEY].get(copy) ?? []).filter((made) => made.pool.deref() !== undefined);
  const isReplaced = (made: Made) => made.load !== load && made.module === file;
  const kept = living.filter((made) => !isReplaced(made));
  place[KEY].set(copy, [...kept, { load, module: file, pool: new WeakRef(pool) }]);
  for (const made of living.filter(isReplaced)) made.pool.deref()?.close().catch(ignore);
}

/** What it could tell, its calls have told. */
function ignore(): void {}

/** A query or a hash loads the same file again. */
function fileOf(module: string): string {
  return module.startsWith("file:") ? (module.split(/[?#]/)[0] as string) : module;
}
