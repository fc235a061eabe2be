/** The port on Node: `node:child_process` and `node:net`. Mechanism only; every decision is core's. */
import { type ChildProcess, type SpawnOptions, spawn } from "node:child_process";
import { createServer, type Socket } from "node:net";
import {
  type Accept,
  bare,
  type Command,
  failedStart,
  inMicrotask,
  type Listener,
  type ProcessEvents,
  type Runtime,
  type WorkerProcess,
} from "@reapool/core";
import { builtins } from "@reapool/node-builtins/runtime";
import { signalGroup } from "@reapool/node-builtins/signals";
import { threads } from "@reapool/node-builtins/threads";
import { openChannel } from "./channel.ts";
import { withoutDescriptors } from "./descriptors.ts";
import { toExit } from "./exit.ts";
import { launcher } from "./launcher.ts";
import { canOpenLibc, openLibc } from "./libc.ts";
import { canOpenMemory, openMemory } from "./memory.ts";
import { readAll, withRealTick } from "./next-tick.ts";
import { fillRandom } from "./random.ts";

export const runtime: Runtime = {
  ...builtins,
  name: "node",
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
  listen,
  spawn: spawnWorker,
  openLibc,
  openMemory,
  fillRandom,
};

function listen(path: string, accept: Accept): Promise<Listener> {
  return new Promise((resolve, reject) => {
    const server = createServer(bare({}), (socket) => {
      socket.unref();
      openChannel(socket, accept);
    });
    // Before it listens: why it can't. Later: a connection it could not take, whose worker will say so.
    server.on("error", reject);
    withRealTick(() =>
      server.listen(bare({ path }), () => resolve(bare({ close: () => void server.close() }))),
    );
    server.unref();
  });
}

function start(command: Command): ChildProcess {
  const { cwd, env, clearEnv, stdin, stdout, stderr, uid, gid } = bare(command);
  const [file, args] = withoutDescriptors(command);
  const options = bare({
    cwd,
    env: bare({ ...(clearEnv ? {} : process.env), ...env }), // Node also hands over what it inherits
    stdio: [stdin === "open" ? "pipe" : "ignore", stdout, stderr],
    ...(uid === undefined ? {} : { uid }),
    ...(gid === undefined ? {} : { gid }),
    detached: true, // the leader of a group of its own
  } satisfies SpawnOptions);
  return spawn(file, args, options);
}

function spawnWorker(command: Command, events: ProcessEvents): WorkerProcess {
  let worker: ChildProcess;
  try {
    worker = withRealTick(() => start(command));
  } catch (error) {
    inMicrotask(() => events.onExit(failedStart(error)));
    return { pid: undefined, signal: () => false };
  }
  const { pid } = worker;
  // A start that fails, with ENOENT say, has no pid and never emits `exit`.
  worker.on("error", (error) => {
    if (pid === undefined) events.onExit(failedStart(error));
  });
  worker.on("exit", (code, signal) => events.onExit(toExit(code, signal)));
  worker.unref();
  const stdin = worker.stdin as Socket | null | undefined; // none at all where no descriptor is left
  stdin?.unref();
  stdin?.on("error", () => {}); // EPIPE: it is gone
  for (const stream of ["stdout", "stderr"] as const) {
    const pipe = worker[stream] as Socket | null | undefined;
    if (pipe === null || pipe === undefined) continue;
    pipe.unref();
    pipe.on("error", () => {}); // the close that follows says all there is to say
    pipe.on("close", () => events.onOutputEnd(stream));
    readAll(pipe, (bytes) => events.onOutput(stream, bytes));
  }
  return { pid, signal: (name) => signalGroup(pid, name), write: (bytes) => void stdin?.write(bytes) };
}
