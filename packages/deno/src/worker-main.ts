/** The program of a Deno worker: takes its address out of the environment, connects, serves. */
import { AsyncLocalStorage } from "node:async_hooks";
import type { ChannelEvents } from "@reapool/core";
import { SOCKET_VARIABLE, serve, TOKEN_VARIABLE, type WorkerHost } from "@reapool/core/serve";
import { openChannel } from "./channel.ts";
import { openMemory } from "./memory.ts";

const path = Deno.env.get(SOCKET_VARIABLE);
const token = Deno.env.get(TOKEN_VARIABLE);
Deno.env.delete(SOCKET_VARIABLE);
Deno.env.delete(TOKEN_VARIABLE);

if (path === undefined || token === undefined) {
  console.error("Expected to be started by a pool of @reapool/deno: this is the program of its workers");
  Deno.exit(64);
}

/** Which Deno has and does not tell; its setTimeout waits a millisecond at least. */
const { setImmediate } = globalThis as unknown as { setImmediate(callback: () => void): void };

const host: WorkerHost = {
  runtime: `deno ${Deno.version.deno}`,
  token,
  contextStorage: new AsyncLocalStorage(),
  now: () => performance.now(),
  afterTurn: (callback) => setImmediate(callback),
  importModule: (url) => import(url) as Promise<object>,
  openRecord: (file) => {
    const record = Deno.openSync(file, { write: true, create: true, truncate: true, mode: 0o600 });
    return (bytes) => {
      record.seekSync(0, Deno.SeekMode.Start);
      record.writeSync(bytes);
    };
  },
  openMemory,
  exit: (code) => Deno.exit(code),
};

await serve(host, async (events: ChannelEvents) => {
  const connection = await Deno.connect({ transport: "unix", path });
  return openChannel(connection, () => events);
});
