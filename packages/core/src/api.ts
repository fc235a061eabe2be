/**
 * The public names: what every adapter passes on to applications as it is. Owns the list; an adapter adds `createPool` and
 * the like, made for its runtime, and its launcher.
 */

export {
  CrashLoopError,
  PoolClosedError,
  PoolError,
  type PoolErrorCode,
  ProtocolError,
  QueueFullError,
  QueueTimeoutError,
  SerializationError,
  SpawnError,
  TaskTimeoutError,
  UnknownTaskError,
  UnsupportedError,
  WorkerExitError,
  WorkerStartError,
} from "./errors.ts";
export {
  type CreateSharedBuffer,
  type ReleaseSharedBuffer,
  releaseSharedBuffer,
} from "./memory/shared-buffer.ts";
export type { BackoffInput } from "./options/backoff-options.ts";
export type {
  BegunCall,
  BroadcastOptions,
  CallOptions,
  MapOptions,
  RetryInput,
  RunOptions,
  SettledItem,
} from "./options/call-options.ts";
export type {
  CloseOptions,
  OrphanMode,
  PoolOptions,
  RecycleInput,
  RestartInput,
} from "./options/pool-options.ts";
export type {
  Containment,
  OutputMode,
  SigchldMode,
  WorkerLimits,
  WorkerOptions,
  WorkerSeat,
} from "./options/worker-options.ts";
export type {
  AnyModule,
  CreatePool,
  Iterated,
  MapSource,
  Pool,
  StreamItem,
  StreamName,
  TaskArgs,
  TaskName,
  TaskProxy,
  TaskResult,
} from "./pool/create-pool.ts";
export type { OutputChunk, PoolEvents } from "./pool/events.ts";
export type { PoolStats } from "./pool/stats.ts";
export type { Launcher } from "./port/launcher.ts";
export type { Exit } from "./port/runtime.ts";
export type { WorkerInfo, WorkerState, WorkerStats } from "./port/worker-info.ts";
export type { ProcessInfo } from "./reaping/process-table.ts";
export type { DetachedCommand } from "./reaping/spawn-detached.ts";
export type { LostTask } from "./slot/death.ts";
export type { StopReason } from "./slot/machine.ts";
