/** A pool of worker processes for Node. The same surface as `@reapool/bun` and `@reapool/deno`. */
import "./supported.ts";
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

export * from "@reapool/core/api";
export { type LauncherOptions, launcher } from "./launcher.ts";
export { runtime };
