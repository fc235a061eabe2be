/** The program of a Bun worker: takes its address out of the environment, connects, serves. */
import { AsyncLocalStorage } from "node:async_hooks";
import { openSync } from "node:fs";
import type { Channel, ChannelEvents } from "@reapool/core";
import { SOCKET_VARIABLE, serve, TOKEN_VARIABLE, type WorkerHost } from "@reapool/core/serve";
import { type Connected, channelHandlers } from "./channel.ts";
import { openMemory } from "./memory.ts";
import { writeAt } from "./write-at.ts";

const path = process.env[SOCKET_VARIABLE];
const token = process.env[TOKEN_VARIABLE];
delete process.env[SOCKET_VARIABLE];
delete process.env[TOKEN_VARIABLE];

if (path === undefined || token === undefined) {
  console.error("Expected to be started by a pool of @reapool/bun: this is the program of its workers");
  process.exit(64);
}

const host: WorkerHost = {
  runtime: `bun ${Bun.version}`,
  token,
  contextStorage: new AsyncLocalStorage(),
  now: () => performance.now(),
  afterTurn: (callback) => void setImmediate(callback),
  importModule: (url) => import(url) as Promise<object>,
  openFile: (file) => {
    const descriptor = openSync(file, "r+");
    return { write: (bytes, at) => writeAt(descriptor, bytes, at) };
  },
  onDying: (callback) => {
    // Not where the module catches it itself: then the process goes on.
    process.on("uncaughtExceptionMonitor", (error) => {
      if (process.listenerCount("uncaughtException") === 0) callback(error);
    });
    // Bun asks the monitor of exceptions alone; with a listener it leaves the end of the process to that.
    process.on("unhandledRejection", (reason) => {
      if (process.listenerCount("unhandledRejection") > 1) return;
      if (process.listenerCount("uncaughtException") > 0) throw reason;
      callback(reason);
      console.error(reason);
      process.exit(1);
    });
  },
  openMemory,
  exit: (code) => process.exit(code),
};

await serve(host, async (events: ChannelEvents) => {
  const { promise, resolve } = Promise.withResolvers<Channel>();
  const accept = (channel: Channel) => {
    resolve(channel);
    return events;
  };
  await Bun.connect<Connected>({ unix: path, socket: channelHandlers(accept, () => {}) });
  return promise;
});
