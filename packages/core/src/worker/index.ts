/** For worker modules: `import { task } from "@reapool/core/worker"`. */
export { type TaskContext, task } from "./task-context.ts";
