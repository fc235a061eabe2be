/** How tests, and the programs that they start, connect to an engine. */
import type { EngineKind } from "@reapool/engines";
import { createPostgresBackend } from "bullmq";

/** What BullMQ takes for an engine: the same in a test and in the programs that it starts. */
export function connectionOf(kind: EngineKind, url: string) {
  const { hostname, port, password } = new URL(url);
  return kind === "redis"
    ? { backend: undefined, connection: { host: hostname, port: Number(port), password } }
    : { backend: createPostgresBackend, connection: { connectionString: url, migrate: true } };
}
