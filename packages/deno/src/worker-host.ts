/** A process that serves a pool in Deno: what `serve` needs of it, and its connection. */
import { AsyncLocalStorage, AsyncResource } from "node:async_hooks";
import process from "node:process";
import type { ChannelEvents } from "@reapool/core";
import {
  type Address,
  bare,
  contextStorageOf,
  processLoading,
  STOP_SIGNALS,
  serve,
  type WorkerHost,
} from "@reapool/core/serve";
import { openChannel } from "./channel.ts";
import { afterCallbacks, now, startTimer } from "./clock.ts";
import { locate } from "./locate.ts";
import { openMemory } from "./memory.ts";
import { openWriter } from "./write-at.ts";

/**
 * Sockets are read while the loop waits for something. Turn after turn by setImmediate it never waits, and reads them in
 * every 61st: a cancel was heard 59 items late. It waits for a timer; that takes a millisecond or two, so only when
 * nothing has been heard for a while.
 */
const READ_EVERY_MS = 50;
let readAt = 0;

function afterTurn(callback: () => void): void {
  const time = now();
  if (time - readAt < READ_EVERY_MS) {
    afterCallbacks(callback);
    return;
  }
  readAt = time;
  startTimer(0, callback).ref(); // nothing else may keep this process alive
}

/** `Deno.exit` would not run what listens to the `exit` of `process`. */
const { exit: exitProcess } = process;

export function start({ path, token }: Address, importModule: WorkerHost["importModule"]): Promise<void> {
  const host: WorkerHost = {
    runtime: `deno ${Deno.version.deno}`,
    socket: path,
    token,
    contextStorage: contextStorageOf({ AsyncLocalStorage, AsyncResource }),
    now,
    afterTurn,
    after: (ms, callback) => startTimer(ms, callback).ref(),
    importModule,
    locate,
    readText: (url) => Deno.readTextFileSync(new URL(url)),
    openFile: (path) => ({ write: openWriter(Deno.openSync(path, bare({ write: true }))) }),
    onDying: (callback) => {
      // Where the module prevents it, the process goes on, and what it sends next takes this back.
      addEventListener("error", ({ error }) => callback(error));
      addEventListener("unhandledrejection", ({ reason }) => callback(reason));
    },
    watchStopSignals,
    loading: processLoading,
    openMemory,
    exit: (code) => {
      try {
        exitProcess(code);
      } catch (error) {
        console.error(error); // a hook threw
        Deno.exit(1);
      }
    },
  };

  return serve(host, async (events: ChannelEvents) => {
    const connection = await Deno.connect(bare({ transport: "unix", path }));
    const onData = (bytes: Uint8Array) => {
      readAt = now();
      events.onData(bytes);
    };
    return openChannel(connection, () => ({ ...events, onData }));
  });
}

/** Deno does not tell who listens, so the two functions count; those of `node:process` call them as well. */
function watchStopSignals(holds: boolean, onChange: (isHeard: boolean) => void): void {
  const { addSignalListener, removeSignalListener } = Deno;
  if (holds) {
    for (const name of STOP_SIGNALS) addSignalListener(name, () => {});
    onChange(false);
  }
  const listeners = new Set<() => void>();
  Deno.addSignalListener = (name, listener) => {
    addSignalListener(name, listener);
    if (name !== "SIGTERM") return;
    listeners.add(listener);
    if (listeners.size === 1) onChange(true);
  };
  Deno.removeSignalListener = (name, listener) => {
    removeSignalListener(name, listener);
    if (name === "SIGTERM" && listeners.delete(listener) && listeners.size === 0) onChange(false);
  };
}
