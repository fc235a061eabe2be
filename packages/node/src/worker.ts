/** For worker modules: `import { task } from "@reapool/node/worker"`. */
export {
  type CreateSharedBuffer,
  createSharedBuffer,
  type ReleaseSharedBuffer,
  releaseSharedBuffer,
  type TaskContext,
  task,
} from "@reapool/core/worker";
