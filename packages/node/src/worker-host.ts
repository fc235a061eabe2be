/** A process that serves a pool in Node: what `serve` needs of it, and its connection. */
import { type Address, serve, type WorkerHost } from "@reapool/core/serve";
import { workerBuiltins } from "@reapool/node-builtins/worker-host";
import { connectChannel } from "./channel.ts";
import { locate } from "./locate.ts";
import { openMemory } from "./memory.ts";

export function start({ path, token }: Address, importModule: WorkerHost["importModule"]): Promise<void> {
  const host = {
    ...workerBuiltins,
    runtime: `node ${process.versions.node}`,
    socket: path,
    token,
    openMemory,
    locate,
    importModule,
    writeThrough,
  };
  return serve(host, (events) => connectChannel(path, events));
}

/** Node writes to a pipe at once what it takes, and keeps the rest for a later turn. */
function writeThrough(): void {
  for (const stream of [process.stdout, process.stderr]) {
    const { _handle: handle } = stream as { _handle?: { setBlocking?(isBlocking: boolean): unknown } };
    handle?.setBlocking?.(true);
  }
}
