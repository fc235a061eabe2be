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
  token,
  openMemory,
  locate,
  importModule,
};

await serve(host, (events) => connectChannel(path, events));
