/** The question of a task who it is. In a file of its own: to load it is to want the answer (task-context.ts). */
import { currentContext, type TaskContext, wantContext } from "./task-context.ts";

wantContext();

/**
 * The task that runs.
 *
 * @throws Error outside of a task.
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
