/**
 * The runtime-free heart of reapool. Applications import an adapter (`@reapool/node`, `/bun`, `/deno`),
 * which passes on what they need from here; adapters of further runtimes start from `createPoolOn`.
 */

export * from "./errors.ts";
export { createSharedBufferOn } from "./memory/runtime-buffer.ts";
export {
  type CreateSharedBuffer,
  type ReleaseSharedBuffer,
  releaseSharedBuffer,
} from "./memory/shared-buffer.ts";
export type { BackoffInput } from "./options/backoff-options.ts";
export type {
  BroadcastOptions,
  CallOptions,
  MapOptions,
  RetryInput,
  RunOptions,
} from "./options/call-options.ts";
export type {
  CloseOptions,
  OrphanMode,
  PoolOptions,
  RecycleInput,
  RestartInput,
} from "./options/pool-options.ts";
export type { OutputMode, SigchldMode, WorkerOptions, WorkerSeat } from "./options/worker-options.ts";
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
} from "./pool/create-pool.ts";
export type { PoolEvents } from "./pool/events.ts";
export type { PoolStats } from "./pool/stats.ts";
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
export type { StopReason } from "./slot/machine.ts";
export type { WorkerInfo, WorkerState, WorkerStats } from "./slot/worker-info.ts";
