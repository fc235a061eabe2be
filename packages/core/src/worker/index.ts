/** For worker modules: `import { task } from "@reapool/core/worker"`. */
export {
  type CreateSharedBuffer,
  createSharedBuffer,
  type ReleaseSharedBuffer,
  releaseSharedBuffer,
} from "../memory/shared-buffer.ts";
export { task } from "./task.ts";
export type { TaskContext } from "./task-context.ts";
