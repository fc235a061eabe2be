/** The worker's side of both runtimes: where its host is, and what `serve` needs of the process. */
import { AsyncLocalStorage, AsyncResource } from "node:async_hooks";
import { openSync, readFileSync } from "node:fs";
import {
  contextStorageOf,
  processLoading,
  SOCKET_VARIABLE,
  STOP_SIGNALS,
  TOKEN_VARIABLE,
  type WorkerHost,
} from "@reapool/core/serve";
import { afterTurn, now, startTimer } from "./clock.ts";
import { variable } from "./variable.ts";
import { writeAt } from "./write-at.ts";

/** Where the host listens, and what shows who this worker is. */
export interface Address {
  readonly path: string;
  readonly token: string;
}

/** Takes it out of the environment; ends a process that no pool has started. @param adapter for the message */
export function takeAddress(adapter: string): Address {
  const path = variable(SOCKET_VARIABLE);
  const token = variable(TOKEN_VARIABLE);
  delete process.env[SOCKET_VARIABLE];
  delete process.env[TOKEN_VARIABLE];
  if (path === undefined || token === undefined) {
    console.error(
      `Expected to be started by a pool of @reapool/${adapter}: this is the program of its workers`,
    );
    process.exit(64);
  }
  return { path, token };
}

export const workerBuiltins: Omit<WorkerHost, "runtime" | "socket" | "token" | "openMemory" | "locate"> = {
  contextStorage: contextStorageOf({ AsyncLocalStorage, AsyncResource }),
  now,
  afterTurn,
  after: (ms, callback) => startTimer(ms, callback).ref(),
  importModule: (url) =>
    import(/* webpackIgnore: true */ /* turbopackIgnore: true */ /* @vite-ignore */ url) as Promise<object>,
  readText: (url) => readFileSync(new URL(url), "utf8"),
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
  watchStopSignals,
  loading: processLoading,
  exit: (code) => process.exit(code),
};

function watchStopSignals(holds: boolean, onChange: (isHeard: boolean) => void): void {
  // Bun does not tell that a listener for once is gone. Where nothing holds the signal, that costs nothing: SIGTERM ends it.
  const hold = () => afterTurn(() => look());
  let wasHeard = false;
  const look = (isHeard = process.listeners("SIGTERM").some((listener) => listener !== hold)) => {
    if (isHeard !== wasHeard) onChange(isHeard);
    wasHeard = isHeard;
  };
  const add = () => {
    for (const name of STOP_SIGNALS) if (!process.listeners(name).includes(hold)) process.on(name, hold);
  };
  if (holds) {
    add();
    onChange(false);
  }
  look(); // a file that was loaded before this one may listen
  const onAdded = (name: unknown, listener: unknown) => {
    if (name === "SIGTERM" && listener !== hold) look(true); // before it is there
  };
  const onRemoved = (name?: unknown) => {
    if (name !== undefined && !(STOP_SIGNALS as readonly unknown[]).includes(name)) return;
    if (holds) add(); // `removeAllListeners` takes this one as well
    look();
  };
  process.on("newListener", onAdded);
  process.on("removeListener", onRemoved);
  for (const method of ["off", "removeListener", "removeAllListeners"] as const) {
    const remove = process[method] as (...args: unknown[]) => unknown;
    process[method] = (...args: unknown[]) => {
      remove.apply(process, args);
      onRemoved(args[0]); // Bun emits no event for it
      return process;
    };
  }
}
