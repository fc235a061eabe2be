import { task } from "reapool/worker";

export const add = (a, b) => a + b;

export const whoAmI = () => ({ pid: process.pid, worker: task().workerId });

export const die = () => {
  process.kill(process.pid, "SIGKILL");
};
