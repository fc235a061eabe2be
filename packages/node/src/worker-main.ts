/** The program of a Node worker: takes its address out of the environment, connects, serves. */
import { serve } from "@reapool/core/serve";
import { takeAddress, workerBuiltins } from "@reapool/node-builtins/worker-host";
import { connectChannel } from "./channel.ts";
import { importModule } from "./import-module.ts";
import { locate } from "./locate.ts";
import { openMemory } from "./memory.ts";

const { path, token } = takeAddress("node");

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

/** Node writes to a pipe at once what it takes, and keeps the rest for a later turn. */
function writeThrough(): void {
  for (const stream of [process.stdout, process.stderr]) {
    const { _handle: handle } = stream as { _handle?: { setBlocking?(isBlocking: boolean): unknown } };
    handle?.setBlocking?.(true);
  }
}

void serve(host, (events) => connectChannel(path, events));
