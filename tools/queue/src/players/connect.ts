/** BullMQ's options for the engine of a run. */
import { createPostgresBackend, runMigrations } from "bullmq";
import pg from "pg";
import type { Setup } from "../messages.ts";

export type Engine = Pick<Setup, "engine" | "url">;

/** For BullMQ, which wants the backend as the last parameter of its classes. */
export const backendOf = ({ engine }: Engine) => (engine === "postgres" ? createPostgresBackend : undefined);

export const connectionOf = ({ engine, url }: Engine) =>
  engine === "postgres" ? { connectionString: url, max: 5 } : { url, maxRetriesPerRequest: null };

/** PostgreSQL's tables. A Redis needs nothing. */
export async function prepare({ engine, url }: Engine): Promise<void> {
  if (engine !== "postgres") return;
  const pool = new pg.Pool({ connectionString: url });
  const client = await pool.connect();
  try {
    await runMigrations(client);
  } finally {
    client.release();
    await pool.end();
  }
}
