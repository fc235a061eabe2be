/** The worker module of all hosts here: the states a worker can be in when its host dies. */
import { spawn } from "node:child_process";

interface Data {
  /** Each worker starts a process in its own group. */
  readonly holdsGrandchild?: boolean;
}

export function setup(data: Data | undefined): void {
  // Longer than any run: something else must end it.
  if (data?.holdsGrandchild === true) spawn("sleep", ["600"], { stdio: "ignore" }).unref();
}

export const add = (a: number, b: number): number => a + b;

export const addLater = (a: number, b: number, ms: number): Promise<number> =>
  new Promise((resolve) => setTimeout(() => resolve(a + b), ms));

export const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

export function spin(): never {
  for (;;);
}

export function spinTrapped(): never {
  process.on("SIGTERM", () => {});
  return spin();
}
