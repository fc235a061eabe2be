/** All of the port but how a worker is started and reached: processes, sockets and libc are the runtime's own. */
import { AsyncLocalStorage } from "node:async_hooks";
import { availableParallelism } from "node:os";
import type { OutputStream, Runtime } from "@reapool/core";
import { afterReads, now, startTimer } from "./clock.ts";
import { fileAt, listFolder, makeFolder, openFile, readFile, removeFile, share } from "./files.ts";
import { onChildSignal, onStopSignal } from "./signals.ts";
import { threads } from "./threads.ts";
import { variable } from "./variable.ts";

export const builtins: Omit<
  Runtime,
  "name" | "capabilities" | "launcher" | "listen" | "spawn" | "openLibc" | "openMemory" | "fillRandom"
> = {
  pid: process.pid,
  availableParallelism,
  makeFolder,
  startTimer,
  afterTurn: afterReads,
  now,
  openFile,
  share,
  removeFile,
  readFile,
  fileAt,
  listFolder,
  onChildSignal,
  onStopSignal,
  hears: (name) => process.listenerCount(name) > 0,
  raise: (name) => void process.kill(process.pid, name),
  exit: (code) => process.exit(code),
  bindContext: (callback) => AsyncLocalStorage.bind(callback),
  threads,
  environment: variable,
  forward,
  warn: (message) => process.emitWarning(message),
};

function forward(stream: OutputStream, bytes: Uint8Array): void {
  const target = process[stream];
  // The host's stream may be closed, as under `| head`. Without a listener the error would end the host.
  target.write(bytes, (error) => {
    if (error) target.once("error", () => {});
  });
}
