/**
 * Cancels a job that runs somewhere: BullMQ's `worker.cancelJob` knows only the jobs of its own process. What is asked for
 * travels as a custom event of BullMQ, in the stream of a queue of that purpose, so that no host has to read the events of
 * all jobs. Owns both ends.
 */
import {
  type ConnectionOptions,
  type Queue,
  QueueEvents,
  type QueueEventsOptions,
  type Worker,
} from "bullmq";
import { now, sleep } from "./clock.ts";
import { duration, own, type Resolved } from "./options.ts";

const EVENT = "cancel";
const LOOK_MS = 100;
/** Asked for again that often: a host that has just lost its connection may have missed it. */
const REPEAT_LOOKS = 10;
const KEPT_EVENTS = 1_000;
/** How long a read waits for an event; a host that has lost its engine ends no sooner. */
const BLOCK_MS = 5_000;
const RETRY_MS = 2_000;

const channelOf = (queue: string): string => `${queue}.cancel`;

export interface CancelOptions {
  /** Becomes part of why the job failed. */
  reason?: string | undefined;
  /** How long to wait for the job to end, in ms. Default 30 000. */
  timeout?: number | undefined;
}

/**
 * Cancels a job, on whichever machine it runs: its task is told through `task().signal`; if it goes on, its process is ended
 * after the pool's `killTimeout`. The job fails, and is not retried.
 *
 * Resolves to true as soon as it does not run any more, and to false when it does not run in the first place, or still does
 * after `timeout`. A job that waits is taken out with BullMQ's `job.remove()`.
 *
 * @param queue BullMQ's `Queue`.
 */
export async function cancelJob(
  queue: Pick<Queue, "name" | "opts" | "getJobState"> & { getBackend(): unknown },
  jobId: string,
  options: CancelOptions = {},
): Promise<boolean> {
  const { reason, timeout = 30_000 } = own(options);
  duration("timeout", timeout);
  const backend = queue.getBackend() as ReturnType<Worker["getBackend"]>;
  const channel = backend.forQueue(channelOf(queue.name), queue.opts.prefix);
  const end = now() + timeout;
  let wasActive = false;
  for (let looks = 0; (await queue.getJobState(jobId)) === "active"; looks++) {
    if (now() >= end) return false;
    if (looks % REPEAT_LOOKS === 0) {
      await channel.publishEvent({ event: EVENT, jobId, reason: reason ?? "" }, KEPT_EVENTS);
    }
    await sleep(LOOK_MS);
    wasActive = true;
  }
  return wasActive;
}

/** The other end. What BullMQ gives up for good, when the engine is away at the start, begins again. */
export class Cancels {
  readonly #make: () => QueueEvents;
  readonly #onError: (error: unknown) => void;
  readonly #closing = new AbortController();
  #events: QueueEvents | undefined;

  constructor(
    name: string,
    options: Resolved,
    onCancel: (jobId: string, reason: string) => void,
    onError: (error: unknown) => void,
  ) {
    const { connection, prefix } = options.worker as { connection: ConnectionOptions; prefix?: string };
    const base = {
      connection,
      blockingTimeout: BLOCK_MS,
      autorun: false,
      ...(prefix !== undefined && { prefix }),
    };
    this.#make = () => {
      const events = new QueueEvents(channelOf(name), base as QueueEventsOptions, options.backend as never);
      events.on("error", onError);
      const heard = events as unknown as {
        on(event: string, listener: (asked: { jobId: string; reason: string }) => void): void;
      };
      heard.on(EVENT, ({ jobId, reason }) => onCancel(jobId, reason));
      return events;
    };
    this.#onError = onError;
    void this.#listen();
  }

  async #listen(): Promise<void> {
    const { signal } = this.#closing;
    while (!signal.aborted) {
      const events = this.#make();
      this.#events = events;
      try {
        await events.run();
      } catch (error) {
        if (!signal.aborted) this.#onError(error);
      }
      if (signal.aborted) return;
      void events.close().catch(() => {});
      await sleep(RETRY_MS, signal);
    }
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await this.#events?.close();
  }

  /** Without waiting for the engine. */
  async cut(): Promise<void> {
    this.#closing.abort();
    await this.#events?.getBackend().close(true);
  }
}
