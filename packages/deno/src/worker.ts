/** For worker modules: `import { task } from "@reapool/deno/worker"`. */
export { type TaskContext, task } from "@reapool/core/worker";
