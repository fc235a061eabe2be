/** For worker modules: `import { task } from "@reapool/bun/worker"`. */
export {
  type CreateSharedBuffer,
  createSharedBuffer,
  type ReleaseSharedBuffer,
  releaseSharedBuffer,
  type TaskContext,
  task,
} from "@reapool/core/worker";
