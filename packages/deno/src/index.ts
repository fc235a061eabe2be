/** A pool of worker processes for Deno. The same surface as `@reapool/node` and `@reapool/bun`. */
import { type CreatePool, createPoolOn } from "@reapool/core";
import { runtime } from "./runtime.ts";

export const createPool: CreatePool = createPoolOn(runtime);

export {
  type AnyModule,
  type CloseOptions,
  CrashLoopError,
  type CreatePool,
  type Exit,
  type Launcher,
  type OutputMode,
  type Pool,
  PoolClosedError,
  PoolError,
  type PoolErrorCode,
  type PoolEvents,
  type PoolOptions,
  type PoolStats,
  ProtocolError,
  QueueFullError,
  QueueTimeoutError,
  type RestartInput,
  type RunOptions,
  SerializationError,
  type StopReason,
  type TaskArgs,
  type TaskName,
  type TaskProxy,
  type TaskResult,
  TaskTimeoutError,
  UnknownTaskError,
  WorkerExitError,
  type WorkerInfo,
  type WorkerOptions,
  WorkerStartError,
  type WorkerState,
} from "@reapool/core";
export { type LauncherOptions, launcher } from "./launcher.ts";
export { runtime };
