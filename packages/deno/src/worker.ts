/** For worker modules: `import { task } from "@reapool/deno/worker"`. */
export {
  type CreateSharedBuffer,
  createSharedBuffer,
  type ReleaseSharedBuffer,
  releaseSharedBuffer,
  type TaskContext,
  task,
} from "@reapool/core/worker";
