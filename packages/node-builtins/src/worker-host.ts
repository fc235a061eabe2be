/** The worker's side of both runtimes: what `serve` needs of the process. */
import { AsyncLocalStorage, AsyncResource } from "node:async_hooks";
import { contextStorageOf, processLoading, STOP_SIGNALS, type WorkerHost } from "@reapool/core/serve";
import { afterTurn, now, startTimer } from "./clock.ts";
import { fs } from "./fs.ts";
import { writeAt } from "./write-at.ts";

export const workerBuiltins: Omit<
  WorkerHost,
  "runtime" | "socket" | "token" | "openMemory" | "locate" | "importModule"
> = {
  contextStorage: contextStorageOf({ AsyncLocalStorage, AsyncResource }),
  now,
  afterTurn,
  after: (ms, callback) => startTimer(ms, callback).ref(),
  readText: (url) => fs.readFileSync(new URL(url), "utf8"),
  openFile: (file) => {
    const descriptor = fs.openSync(file, "r+");
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
