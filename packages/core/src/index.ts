/**
 * The runtime-free core of reapool. Applications import an adapter (`@reapool/node`, `/bun`, `/deno`), which
 * re-exports the names in api.ts; adapters for further runtimes start from `createPoolOn`.
 */

export * from "./api.ts";
export { bare } from "./bare.ts";
export type { WorkerEnd } from "./errors.ts";
export { endBySignal } from "./host/stop-signals.ts";
export { createSharedBufferOn } from "./memory/runtime-buffer.ts";
export { inMicrotask } from "./microtask.ts";
export { OptionReader } from "./options/option-reader.ts";
export { createPoolOn } from "./pool/create-pool.ts";
export { assertRuntime } from "./port/assert-runtime.ts";
export { closingDescriptors } from "./port/closing-descriptors.ts";
export {
  assertProgram,
  type LaunchCommand,
  type LaunchRequest,
  SOCKET_VARIABLE,
  TOKEN_VARIABLE,
} from "./port/launcher.ts";
export { type Libc, openFirst } from "./port/libc.ts";
export type { MemoryCalls } from "./port/memory.ts";
export { readOutput } from "./port/piped-output.ts";
export { ownCommand } from "./port/role.ts";
export {
  type Accept,
  type Access,
  type Capabilities,
  type Channel,
  type ChannelEvents,
  type Command,
  exitOf,
  type FileIdentity,
  type Folder,
  failedStart,
  type Listener,
  type OpenFile,
  type OutputStream,
  type ProcessEvents,
  type Runtime,
  type Signal,
  STOP_SIGNALS,
  type StopSignal,
  type Timer,
  type WorkerProcess,
} from "./port/runtime.ts";
export type { Threads } from "./port/threads.ts";
export {
  type ListDescendants,
  type ListZombies,
  listDescendantsOn,
  listZombiesOn,
} from "./reaping/inspect.ts";
export { type SpawnDetached, spawnDetachedOn } from "./reaping/spawn-detached.ts";
