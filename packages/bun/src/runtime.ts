/** The port on Bun: `Bun.spawn` and `Bun.listen`. Mechanism only; every decision is core's. */
import {
  type Accept,
  bare,
  type Command,
  failedStart,
  inMicrotask,
  type Listener,
  type ProcessEvents,
  type Runtime,
  readOutput,
  type WorkerProcess,
} from "@reapool/core";
import { builtins } from "@reapool/node-builtins/runtime";
import { signalGroup } from "@reapool/node-builtins/signals";
import { threads } from "@reapool/node-builtins/threads";
import { type Connected, channelHandlers } from "./channel.ts";
import { toExit } from "./exit.ts";
import { launcher } from "./launcher.ts";
import { canOpenLibc, openLibc } from "./libc.ts";
import { canOpenMemory, openMemory } from "./memory.ts";
import { fillRandom } from "./random.ts";

export const runtime: Runtime = {
  ...builtins,
  name: "bun",
  capabilities: {
    processGroups: process.platform !== "win32",
    processTrees: process.platform === "linux",
    get reaper() {
      return threads.isMain && canOpenLibc();
    },
    get sharedMemory() {
      return canOpenMemory();
    },
  },
  launcher: launcher(),
  loadedFrom: import.meta.url,
  listen,
  spawn: spawnWorker,
  openLibc,
  openMemory,
  fillRandom,
};

async function listen(path: string, accept: Accept): Promise<Listener> {
  const socket = channelHandlers(accept, (open) => open.unref());
  const server = Bun.listen<Connected>(bare({ unix: path, socket }));
  server.unref();
  return bare({ close: () => server.stop() }); // a promise is resolved with it
}

type Options = Bun.SpawnOptions.SpawnOptions<
  Bun.SpawnOptions.Writable,
  Bun.SpawnOptions.Readable,
  Bun.SpawnOptions.Readable
>;

function spawnWorker(command: Command, events: ProcessEvents): WorkerProcess {
  let worker: Bun.Subprocess<Bun.SpawnOptions.Writable, Bun.SpawnOptions.Readable, Bun.SpawnOptions.Readable>;
  try {
    const { file, args, cwd, env, clearEnv, stdin, stdout, stderr, uid, gid } = bare(command);
    const options: Options = {
      ...(cwd === undefined ? {} : { cwd }),
      env: bare({ ...(clearEnv ? {} : process.env), ...env }),
      stdio: [stdin === "open" ? "pipe" : "ignore", stdout, stderr],
      ...(uid === undefined ? {} : { uid }),
      ...(gid === undefined ? {} : { gid }),
      detached: true, // the leader of a group of its own
      onExit: (_worker, code, signal) => events.onExit(toExit(code, signal)),
    };
    worker = Bun.spawn([file, ...args], bare(options));
  } catch (error) {
    inMicrotask(() => events.onExit(failedStart(error)));
    return { pid: undefined, signal: () => false };
  }
  worker.unref();
  for (const stream of ["stdout", "stderr"] as const) {
    const pipe = worker[stream];
    if (pipe instanceof ReadableStream) void readOutput(pipe, stream, events);
  }
  const stdin = typeof worker.stdin === "object" ? worker.stdin : undefined;
  stdin?.unref();
  // Whoever can signal it also holds it, and so the pipe: its end must not come with a garbage collection.
  return {
    pid: worker.pid,
    signal: (name) => signalGroup(worker.pid, name),
    write: (bytes) => {
      try {
        for (const written of [stdin?.write(bytes), stdin?.flush()])
          if (written instanceof Promise) written.catch(() => {});
      } catch {
        // EPIPE: it is gone
      }
    },
  };
}
