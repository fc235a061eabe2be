/** Pools whose workers are foreign-worker.ts, for the cases about what a foreign worker can do. */

import type { RunOptions } from "../../options/call-options.ts";
import type { PoolOptions } from "../../options/pool-options.ts";
import type { Launcher } from "../../port/launcher.ts";
import { type Subject, within } from "../contract-case.ts";

export interface ForeignPool {
  run(name: string, args: readonly unknown[], options?: RunOptions): Promise<unknown>;
  stream(name: string, args: readonly unknown[]): AsyncIterable<unknown>;
  map(
    name: string,
    items: Iterable<readonly unknown[]>,
    options: { chunk: number; concurrency: number },
  ): AsyncIterable<unknown>;
  on(event: "exit", listener: (event: { readonly reason: string }) => void): () => void;
  close(): Promise<void>;
}

/** Starts the foreign worker with this runtime instead of its own worker. */
export function foreignLauncher({ runtime, foreignWorker }: Subject): Launcher {
  return {
    name: "foreign",
    command: (request) => {
      const { file, args } = runtime.launcher.command(request);
      return {
        file,
        args: args.map((arg) => (/worker-main\.mjs$/.test(arg) ? foreignWorker.pathname : arg)),
      };
    },
  };
}

/** @param manner Named in the error when the body takes too long. */
export async function withForeignPool(
  subject: Subject,
  manner: string,
  options: PoolOptions,
  body: (pool: ForeignPool) => Promise<void>,
): Promise<void> {
  const pool = subject.createPool(subject.fixture, { maxWorkers: 1, ...options });
  try {
    await within(
      subject.runtime,
      60_000,
      body(pool as unknown as ForeignPool),
      `the case of "${manner}" to end`,
    );
  } finally {
    await pool.terminate();
  }
}
