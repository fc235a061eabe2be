/** The program of a Bun worker: takes its address out of the environment, connects, serves. */
import type { Channel, ChannelEvents } from "@reapool/core";
import { bare, serve, type WorkerHost } from "@reapool/core/serve";
import { takeAddress, workerBuiltins } from "@reapool/node-builtins/worker-host";
import { type Connected, channelHandlers } from "./channel.ts";
import { importModule } from "./import-module.ts";
import { locate } from "./locate.ts";
import { openMemory } from "./memory.ts";

const { path, token } = takeAddress("bun");

const host: WorkerHost = {
  ...workerBuiltins,
  runtime: `bun ${Bun.version}`,
  socket: path,
  token,
  openMemory,
  locate,
  importModule,
  onDying: (callback) => {
    workerBuiltins.onDying(callback);
    // Bun asks the monitor of exceptions alone; with a listener it leaves the end of the process to that.
    process.on("unhandledRejection", (reason) => {
      if (process.listenerCount("unhandledRejection") > 1) return;
      if (process.listenerCount("uncaughtException") > 0) throw reason;
      callback(reason);
      console.error(reason);
      process.exit(1);
    });
  },
};

void serve(host, async (events: ChannelEvents) => {
  const { promise, resolve } = Promise.withResolvers<Channel>();
  const accept = (channel: Channel) => {
    resolve(channel);
    return events;
  };
  await Bun.connect<Connected>(bare({ unix: path, socket: channelHandlers(accept, () => {}) }));
  return promise;
});
