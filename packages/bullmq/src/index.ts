/** BullMQ's jobs in a pool of processes. Owns the list of public names. */
export { type CancelOptions, cancelJob } from "./cancel.ts";
export type { AnyJob, QueueWorkerOptions } from "./options.ts";
export { createQueueWorker, type QueueWorker, type QueueWorkerCloseOptions } from "./queue-worker.ts";
