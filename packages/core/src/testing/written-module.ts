/** Worker modules that a case writes, and rewrites while a pool runs them. */
import type { PoolOptions } from "../options/pool-options.ts";
import type { Pool } from "../pool/create-pool.ts";
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

/** Several files, by name, in a folder of their own; `use` opens a pool of one of them. */
export async function withFiles(
  subject: Subject,
  files: Readonly<Record<string, string>>,
  body: (use: (file: string, body: (pool: Pool) => Promise<void>) => Promise<void>) => Promise<void>,
  options: PoolOptions = {},
): Promise<void> {
  const { runtime, createPool } = subject;
  const { stdout: folder } = await shell(runtime, 'printf %s "$(mktemp -d)"');
  try {
    for (const [name, text] of Object.entries(files)) {
      const env = { TEXT: text, FILE: `${folder}/${name}` };
      await shell(runtime, 'mkdir -p "$(dirname "$FILE")"; printf %s "$TEXT" > "$FILE"', { env });
    }
    await body(async (file, use) => {
      const all = { maxWorkers: 1, worker: { stderr: "ignore" as const }, ...options };
      const pool = createPool(`${folder}/${file}`, all);
      try {
        await use(pool);
      } finally {
        await pool.terminate();
      }
    });
  } finally {
    await shell(runtime, `rm -r '${folder}'`);
  }
}
