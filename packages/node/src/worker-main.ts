/** The program of a Node worker: takes its address out of the environment, connects, serves. */
import { AsyncLocalStorage } from "node:async_hooks";
import { openSync, writeSync } from "node:fs";
import { SOCKET_VARIABLE, serve, TOKEN_VARIABLE, type WorkerHost } from "@reapool/core/serve";
import { connectChannel } from "./channel.ts";
import { openMemory } from "./memory.ts";

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
  openRecord: (file) => {
    const descriptor = openSync(file, "w", 0o600);
    return (bytes) => void writeSync(descriptor, bytes, 0, bytes.length, 0);
  },
  openMemory,
  exit: (code) => process.exit(code),
};

await serve(host, (events) => connectChannel(path, events));
