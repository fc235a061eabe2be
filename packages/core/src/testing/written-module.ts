/** A worker module that a case writes, and rewrites while a pool runs it. */
import type { PoolOptions } from "../options/pool-options.ts";
import { type FixturePool, type Subject, shell, withPool } from "./contract-case.ts";

export async function withModule(
  subject: Subject,
  source: string,
  body: (pool: FixturePool, write: (source: string) => Promise<void>) => Promise<void>,
  options: PoolOptions = {},
): Promise<void> {
  const { runtime } = subject;
  const { stdout: folder } = await shell(runtime, 'printf %s "$(mktemp -d)"');
  const write = async (text: string) => {
    await shell(runtime, 'printf %s "$SOURCE" > "$FILE"', {
      env: { SOURCE: text, FILE: `${folder}/work.mjs` },
    });
  };
  await write(source);
  try {
    const fixture = new URL(`file://${folder}/work.mjs`);
    await withPool(
      { ...subject, fixture },
      { maxWorkers: 1, worker: { stderr: "ignore" }, ...options },
      (pool) => body(pool, write),
    );
  } finally {
    await shell(runtime, `rm -r '${folder}'`);
  }
}
