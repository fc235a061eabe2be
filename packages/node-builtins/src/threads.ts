/** The threads of the port, by `node:worker_threads`. */
import { readlinkSync } from "node:fs";
import { BroadcastChannel, isMainThread } from "node:worker_threads";
import { bare, type Threads } from "@reapool/core";

const CHANNEL = "reapool: processes of threads";

let channel: BroadcastChannel | undefined;

/** Bun's type of it lacks `unref`. */
function open(): BroadcastChannel {
  const opened = new BroadcastChannel(CHANNEL);
  (opened as unknown as { unref(): void }).unref();
  return opened;
}

export const threads: Threads = {
  isMain: isMainThread,
  folder: isMainThread ? undefined : ownFolder(),
  onEnd: (callback) => void process.once("exit", callback),
  pause: (ms) => void Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms),
  tell: (message) => {
    try {
      channel ??= open();
      channel.postMessage(message);
    } catch {
      // the thread is at its end
    }
  },
  hear: (callback) => {
    const listen = () => {
      channel ??= open();
      channel.onmessage = (event: { data: unknown }) => callback(event.data);
    };
    if (isMainThread) process.once("worker", listen);
    else listen();
  },
};

function ownFolder(): string | undefined {
  try {
    return `/proc/${readlinkSync("/proc/thread-self", bare({ encoding: "utf8" }))}`;
  } catch {
    return undefined; // not on Linux
  }
}
