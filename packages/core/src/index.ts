/**
 * The runtime-free heart of reapool. Applications import an adapter (`@reapool/node`, `/bun`, `/deno`),
 * which passes on what they need from here; adapters of further runtimes start from `createPoolOn`.
 */

export type { BackoffInput } from "./backoff-options.ts";
export * from "./errors.ts";
export {
  type AnyModule,
  type CreatePool,
  createPoolOn,
  type MapSource,
  type Pool,
  type StreamItem,
  type StreamName,
  type TaskArgs,
  type TaskName,
  type TaskProxy,
  type TaskResult,
} from "./host/create-pool.ts";
export type { PoolEvents } from "./host/events.ts";
export type { OrphanMode } from "./host/host-process.ts";
export type { StopReason } from "./host/machine.ts";
export type { OutputMode } from "./host/output.ts";
export type { PoolStats, WorkerInfo, WorkerState, WorkerStats } from "./host/stats.ts";
export { createSharedBufferOn } from "./memory/runtime-buffer.ts";
export {
  type CreateSharedBuffer,
  type ReleaseSharedBuffer,
  releaseSharedBuffer,
} from "./memory/shared-buffer.ts";
export type { CloseOptions, PoolOptions, RecycleInput, RestartInput } from "./options.ts";
export {
  assertNoWorker,
  type LaunchCommand,
  type Launcher,
  type LaunchRequest,
  SOCKET_VARIABLE,
  sibling,
  TOKEN_VARIABLE,
} from "./port/launcher.ts";
export { type Libc, openFirst } from "./port/libc.ts";
export type { MemoryCalls } from "./port/memory.ts";
export {
  type Accept,
  type Access,
  type Capabilities,
  type Channel,
  type ChannelEvents,
  type Command,
  type Exit,
  type Folder,
  failedStart,
  type Listener,
  type OpenFile,
  type OutputStream,
  type ProcessEvents,
  type Runtime,
  type Signal,
  type StopSignal,
  type Timer,
  type WorkerProcess,
} from "./port/runtime.ts";
export {
  type ListDescendants,
  type ListZombies,
  listDescendantsOn,
  listZombiesOn,
} from "./reaping/inspect.ts";
export type { ProcessInfo } from "./reaping/process-table.ts";
export { type DetachedCommand, type SpawnDetached, spawnDetachedOn } from "./reaping/spawn-detached.ts";
export type { BroadcastOptions, CallOptions, MapOptions, RetryInput, RunOptions } from "./run-options.ts";
export type { SigchldMode, WorkerOptions, WorkerSeat } from "./worker-options.ts";
