/** For worker modules: `import { task } from "@reapool/bun/worker"`. */
export { type TaskContext, task } from "@reapool/core/worker";
