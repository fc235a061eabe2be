/**
 * The engines of a queue on a bare machine: a Redis, given by `REDIS_URL` or found on the PATH, and a PostgreSQL from npm. Owns
 * which can be had. Each starts on a free port of the loopback interface, with a password and a folder of its own, and ends
 * with the process that has started it, however that ends.
 */
import type { Engine, EngineKind, EngineOptions } from "./engine.ts";
import { startPostgres, whyNoPostgres } from "./postgres.ts";
import { startRedis, whyNoRedis } from "./redis.ts";

export { ENGINE_KINDS, type Engine, type EngineKind, type EngineOptions } from "./engine.ts";

/** Why such an engine can't be had on this machine; undefined if it can. */
export function whyNo(kind: EngineKind): string | undefined {
  return kind === "redis" ? whyNoRedis() : whyNoPostgres();
}

/** @throws Error that says why it can't be had, or what it said instead of starting. */
export async function startEngine(kind: EngineKind, options: EngineOptions = {}): Promise<Engine> {
  const reason = whyNo(kind);
  if (reason !== undefined) throw new Error(`Expected a server for ${kind}: ${reason}`);
  return kind === "redis" ? startRedis(options) : startPostgres();
}
