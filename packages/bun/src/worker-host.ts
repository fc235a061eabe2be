/** A process that serves a pool in Bun: what `serve` needs of it, and its connection. */
import type { Channel, ChannelEvents } from "@reapool/core";
import { type Address, bare, serve, type WorkerHost } from "@reapool/core/serve";
import { workerBuiltins } from "@reapool/node-builtins/worker-host";
import { type Connected, channelHandlers } from "./channel.ts";
import { locate } from "./locate.ts";
import { openMemory } from "./memory.ts";
import { writeThrough } from "./write-through.ts";

export function start({ path, token }: Address, importModule: WorkerHost["importModule"]): Promise<void> {
  const host: WorkerHost = {
    ...workerBuiltins,
    runtime: `bun ${Bun.version}`,
    socket: path,
    token,
    openMemory,
    locate,
    importModule,
    writeThrough,
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

  return serve(host, async (events: ChannelEvents) => {
    const { promise, resolve } = Promise.withResolvers<Channel>();
    const accept = (channel: Channel) => {
      resolve(channel);
      return events;
    };
    await Bun.connect<Connected>(bare({ unix: path, socket: channelHandlers(accept, () => {}) }));
    return promise;
  });
}
