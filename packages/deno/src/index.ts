/** A pool of worker processes for Deno. The same surface as `@reapool/node` and `@reapool/bun`. */
import {
  type CreatePool,
  createPoolOn,
  type ListDescendants,
  type ListZombies,
  listDescendantsOn,
  listZombiesOn,
  type SpawnDetached,
  spawnDetachedOn,
} from "@reapool/core";
import { runtime } from "./runtime.ts";

export const createPool: CreatePool = createPoolOn(runtime);
export const spawnDetached: SpawnDetached = spawnDetachedOn(runtime);
export const listDescendants: ListDescendants = listDescendantsOn(runtime);
export const listZombies: ListZombies = listZombiesOn(runtime);

export {
  type AnyModule,
  type CloseOptions,
  CrashLoopError,
  type CreatePool,
  type DetachedCommand,
  type Exit,
  type Launcher,
  type OrphanMode,
  type OutputMode,
  type Pool,
  PoolClosedError,
  PoolError,
  type PoolErrorCode,
  type PoolEvents,
  type PoolOptions,
  type PoolStats,
  type ProcessInfo,
  ProtocolError,
  QueueFullError,
  QueueTimeoutError,
  type RestartInput,
  type RunOptions,
  SerializationError,
  type SigchldMode,
  SpawnError,
  type StopReason,
  type TaskArgs,
  type TaskName,
  type TaskProxy,
  type TaskResult,
  TaskTimeoutError,
  UnknownTaskError,
  UnsupportedError,
  WorkerExitError,
  type WorkerInfo,
  type WorkerOptions,
  WorkerStartError,
  type WorkerState,
  type WorkerStats,
} from "@reapool/core";
export { type LauncherOptions, launcher } from "./launcher.ts";
export { runtime };
