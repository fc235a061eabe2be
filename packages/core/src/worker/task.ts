/** `task()`. In its own file, because loading it is what turns contexts on (task-context.ts). */
import { currentContext, type TaskContext, wantContext } from "./task-context.ts";

wantContext();

/**
 * The running task.
 *
 * @throws Error outside a task.
 */
export function task(): TaskContext {
  const context = currentContext();
  if (context === undefined) {
    throw new Error(
      "Expected task() to be called while a task runs: inside an exported function of a worker module",
    );
  }
  return context;
}
