/** The program of a Node worker: takes its address out of the environment, connects, serves. */
import { AsyncLocalStorage } from "node:async_hooks";
import { openSync } from "node:fs";
import { SOCKET_VARIABLE, serve, TOKEN_VARIABLE, type WorkerHost } from "@reapool/core/serve";
import { connectChannel } from "./channel.ts";
import { openMemory } from "./memory.ts";
import { writeAt } from "./write-at.ts";

const path = process.env[SOCKET_VARIABLE];
const token = process.env[TOKEN_VARIABLE];
delete process.env[SOCKET_VARIABLE];
delete process.env[TOKEN_VARIABLE];

if (path === undefined || token === undefined) {
  console.error("Expected to be started by a pool of @reapool/node: this is the program of its workers");
  process.exit(64);
}

const host: WorkerHost = {
  runtime: `node ${process.versions.node}`,
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
  },
  openMemory,
  exit: (code) => process.exit(code),
};

await serve(host, (events) => connectChannel(path, events));
