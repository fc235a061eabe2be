/** For worker modules: `import { task } from "@reapool/core/worker"`. */
export { task } from "./task.ts";
export type { TaskContext } from "./task-context.ts";
