/**
 * What the types of the public API accept and refuse. Nothing runs: `tsc -p tests` is the test, and an unused
 * `@ts-expect-error` is its failure.
 */
import type * as Bun from "@reapool/bun";
import type * as Deno from "@reapool/deno";
import type * as Node from "@reapool/node";

interface Work {
  add(a: number, b: number): number;
  addLater(a: number, b: number): Promise<number>;
  greet(name?: string): string;
  count(to: number): AsyncGenerator<number, string>;
  numbers(): Promise<Iterable<bigint>>;
  total(items: AsyncIterable<number>): Promise<number>;
  setup(data: unknown): void;
  teardown(): void;
  version: string;
}

declare const createPool: typeof Node.createPool;
const pool = createPool<Work>("/work.ts", { maxWorkers: 2 });

pool.run("add", [1, 2]) satisfies Promise<number>;
pool.run("addLater", [1, 2], { timeout: 5, signal: AbortSignal.timeout(5) }) satisfies Promise<number>;
pool.proxy.addLater(1, 2) satisfies Promise<number>;
pool.run("greet") satisfies Promise<string>;
pool.run("greet", []) satisfies Promise<string>;
pool.run("greet", ["you"], { queueTimeout: 5 }) satisfies Promise<string>;
// @ts-expect-error a name that is not exported
pool.run("ad", [1, 2]);
// @ts-expect-error an argument of the wrong type
pool.run("add", [1, "2"]);
// @ts-expect-error an argument missing
pool.run("add", [1]);
// @ts-expect-error no arguments at all, where some are needed
pool.run("add");
// @ts-expect-error a hook is no task
pool.run("setup", [1]);
// @ts-expect-error nor is a value
pool.run("version");
// @ts-expect-error an option that does not exist
pool.run("greet", [], { time: 5 });
// @ts-expect-error nor here
createPool("/work.ts", { maxWorker: 2 });

pool.run("greet", ["you"], { priority: 1, key: "a", retries: 2, onProgress: (share: number) => share });
pool.run("greet", ["you"], {
  onOutput: (stream: "stdout" | "stderr", bytes: Uint8Array) => [stream, bytes.length],
});
pool.run("greet", [], {
  retries: { limit: 1, when: (error) => error instanceof Error, backoff: { max: 9 } },
});
pool.stream("count", [3]) satisfies AsyncIterableIterator<number>;
pool.stream("numbers") satisfies AsyncIterableIterator<bigint>;
// @ts-expect-error it gives a single value
pool.stream("addLater", [1, 2]);
// @ts-expect-error a stream is not made again
pool.stream("count", [3], { retries: 1 });
async function* items() {
  yield 1;
}
pool.run("total", [items()]) satisfies Promise<number>;
pool.map("add", [[1, 2]]) satisfies AsyncIterableIterator<number>;
pool.map("total", [[items()]], { ordered: false, chunk: 1, concurrency: 4, stopOnError: false });
// @ts-expect-error an item is a list of arguments
pool.map("add", [1, 2]);
pool.broadcast("greet", ["all"], { later: true }) satisfies Promise<string[]>;
createPool("/work.ts", {
  spares: 1,
  maxQueue: "auto",
  recycle: { tasks: 5 },
  worker: ({ id }) => ({ argv: [`${id}`] }),
});
[pool.resize(3), pool.restart()] satisfies Promise<void>[];
pool.needsDrain satisfies boolean;

pool.on("result", ({ name, retries, error }) => [name, retries, error]);
pool.on("exit", ({ worker, exit, reason }) => [worker.pid, exit.code, reason]) satisfies () => void;
// @ts-expect-error an event that does not exist
pool.on("exits", () => {});

const untyped = createPool("/work.ts");
untyped.run("anything", [1, "two"]);

// One import is all that a program changes.
declare const bun: typeof Bun;
declare const deno: typeof Deno;
({ ...bun, ...deno }) satisfies typeof Node;
bun satisfies typeof Node;
deno satisfies typeof Node;

declare const serve: typeof import("reapool/worker").serve;
serve(pool) satisfies Promise<void>;
serve((url) => import(url)) satisfies Promise<void>;
// @ts-expect-error the exports, not where they are
serve("./work.ts");
