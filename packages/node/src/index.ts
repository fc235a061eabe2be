/** A pool of worker processes for Node. The same surface as `@reapool/bun` and `@reapool/deno`. */
import {
  type CreatePool,
  type CreateSharedBuffer,
  createPoolOn,
  createSharedBufferOn,
  type ListDescendants,
  type ListZombies,
  listDescendantsOn,
  listZombiesOn,
  type SpawnDetached,
  spawnDetachedOn,
} from "@reapool/core";
import { runtime } from "./runtime.ts";

export const createPool: CreatePool = createPoolOn(runtime);
export const createSharedBuffer: CreateSharedBuffer = createSharedBufferOn(runtime);
export const spawnDetached: SpawnDetached = spawnDetachedOn(runtime);
export const listDescendants: ListDescendants = listDescendantsOn(runtime);
export const listZombies: ListZombies = listZombiesOn(runtime);

export {
  type AnyModule,
  type BackoffInput,
  type BroadcastOptions,
  type CallOptions,
  type CloseOptions,
  CrashLoopError,
  type CreatePool,
  type CreateSharedBuffer,
  type DetachedCommand,
  type Exit,
  type Launcher,
  type MapOptions,
  type MapSource,
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
  type RecycleInput,
  type ReleaseSharedBuffer,
  type RestartInput,
  type RetryInput,
  type RunOptions,
  releaseSharedBuffer,
  SerializationError,
  type SigchldMode,
  SpawnError,
  type StopReason,
  type StreamItem,
  type StreamName,
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
  type WorkerSeat,
  WorkerStartError,
  type WorkerState,
  type WorkerStats,
} from "@reapool/core";
export { type LauncherOptions, launcher } from "./launcher.ts";
export { runtime };
