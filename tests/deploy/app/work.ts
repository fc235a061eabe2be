/** The tasks of every shape: plain values, values that are no JSON, what a task knows of itself, and a crash. */
import { task } from "reapool/worker";

export const add = (a: number, b: number): number => a + b;

export const sizes = (words: Map<string, Date>): Map<string, number> =>
  new Map([...words].map(([word, date]) => [word, date.getTime()]));

export const whoAmI = (): { pid: number; worker: number } => ({
  pid: process.pid,
  worker: task().workerId,
});

export const die = (): void => {
  process.kill(process.pid, "SIGKILL");
};
