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

/** The processes that `scatter` has started say so in their command line, each with the token. */
export const SCATTERED = "prove-scattered";

/** A shell whose sleep is a child of its own: `:` keeps it from becoming that. */
const SHELL = ["-c", "sleep 600; :"];

/**
 * Starts what leaves the worker's group: a daemon, which has forked twice and has no parent here, and a tree as a browser's,
 * in a session of its own, whose processes have no environment that could be read.
 */
export function scatter(token: string): void {
  const names = `${SCATTERED} ${token}`;
  const inShell = `sh -c '${SHELL[1]}' ${names}`;
  spawn("sh", ["-c", `(setsid ${inShell} &)`, SCATTERED, token], { stdio: "ignore" });
  spawn("sh", ["-c", `env -i ${inShell} & env -i ${inShell} & wait`, SCATTERED, token], {
    stdio: "ignore",
    detached: true,
  }).unref();
}

export const scatterAndWait = (token: string): Promise<void> => {
  scatter(token);
  return wait(600_000);
};

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
