/** For worker modules: `import { task } from "@reapool/node/worker"`. */
export { type TaskContext, task } from "@reapool/core/worker";
