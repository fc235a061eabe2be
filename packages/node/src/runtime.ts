/** The port on Node: `node:child_process` and `node:net`. Mechanism only; every decision is core's. */
import { AsyncLocalStorage } from "node:async_hooks";
import { type ChildProcess, spawn } from "node:child_process";
import {
  chmodSync,
  chownSync,
  closeSync,
  constants,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  rmSync,
} from "node:fs";
import { createServer, type Socket } from "node:net";
import { availableParallelism, constants as osConstants, tmpdir } from "node:os";
import { join, resolve as resolvePath } from "node:path";
import {
  type Accept,
  type Access,
  type Command,
  type Folder,
  failedStart,
  type Listener,
  type OpenFile,
  type OutputStream,
  type ProcessEvents,
  type Runtime,
  type Signal,
  type StopSignal,
  type Timer,
  type WorkerProcess,
} from "@reapool/core";
import { openChannel } from "./channel.ts";
import { toExit } from "./exit.ts";
import { launcher } from "./launcher.ts";
import { canOpenLibc, openLibc } from "./libc.ts";
import { canOpenMemory, openMemory } from "./memory.ts";
import { writeAt } from "./write-at.ts";

export const runtime: Runtime = {
  name: "node",
  capabilities: {
    processGroups: process.platform !== "win32",
    get reaper() {
      return canOpenLibc();
    },
    get sharedMemory() {
      return canOpenMemory();
    },
  },
  launcher: launcher(),
  pid: process.pid,
  availableParallelism,
  makeFolder,
  listen,
  spawn: spawnWorker,
  startTimer,
  afterTurn: (callback) => void setImmediate(callback).unref(),
  now: () => performance.now(),
  openFile,
  share,
  removeFile,
  readFile,
  listFolder,
  onChildSignal,
  onStopSignal,
  raise,
  bindContext: (callback) => AsyncLocalStorage.bind(callback),
  openLibc,
  openMemory,
  forward,
  warn: (message) => process.emitWarning(message),
};

const STOP_SIGNALS = ["SIGTERM", "SIGINT", "SIGHUP"] as const;

function makeFolder(): Folder {
  const path = mkdtempSync(join(resolvePath(tmpdir()), "reapool-")); // 0700
  const remove = () => {
    process.off("exit", remove);
    try {
      rmSync(path, { recursive: true, force: true });
    } catch {
      // out of descriptors, say
    }
  };
  process.once("exit", remove);
  return { path, remove };
}

function listen(path: string, accept: Accept): Promise<Listener> {
  return new Promise((resolve, reject) => {
    const server = createServer((socket) => {
      socket.unref();
      openChannel(socket, accept);
    });
    // Before it listens: why it can't. Later: a connection it could not take, whose worker will say so.
    server.on("error", reject);
    server.listen(path, () => resolve({ close: () => void server.close() }));
    server.unref();
  });
}

function spawnWorker(command: Command, events: ProcessEvents): WorkerProcess {
  let worker: ChildProcess;
  try {
    worker = spawn(command.file, command.args, {
      cwd: command.cwd,
      env: { ...process.env, ...command.env },
      stdio: [command.stdin === "open" ? "pipe" : "ignore", command.stdout, command.stderr],
      ...(command.uid === undefined ? {} : { uid: command.uid }),
      ...(command.gid === undefined ? {} : { gid: command.gid }),
      detached: true, // the leader of a group of its own
    });
  } catch (error) {
    queueMicrotask(() => events.onExit(failedStart(error)));
    return { pid: undefined, signal: () => false };
  }
  worker.unref();
  (worker.stdin as Socket | null)?.unref();
  for (const stream of ["stdout", "stderr"] as const) {
    const pipe = worker[stream] as Socket | null;
    pipe?.unref();
    pipe?.on("data", (bytes: Buffer) => events.onOutput(stream, bytes));
    pipe?.on("error", () => {}); // the close that follows says all there is to say
    pipe?.on("close", () => events.onOutputEnd(stream));
  }
  const { pid } = worker;
  // A start that fails, with ENOENT say, has no pid and never emits `exit`.
  worker.on("error", (error) => {
    if (pid === undefined) events.onExit(failedStart(error));
  });
  worker.on("exit", (code, signal) => events.onExit(toExit(code, signal)));
  return { pid, signal: (name) => signalGroup(pid, name) };
}

function signalGroup(pid: number | undefined, name: Signal): boolean {
  try {
    return pid !== undefined && process.kill(-pid, name);
  } catch {
    return false; // ESRCH: nobody is left in the group
  }
}

function startTimer(ms: number, callback: () => void): Timer {
  const timer = setTimeout(callback, ms).unref();
  return { cancel: () => clearTimeout(timer), ref: () => void timer.ref(), unref: () => void timer.unref() };
}

function openFile(path: string): OpenFile {
  const descriptor = openSync(path, constants.O_RDWR | constants.O_CREAT | constants.O_NOFOLLOW, 0o600);
  return {
    write: (bytes, at) => writeAt(descriptor, bytes, at),
    read: (bytes, at) => {
      try {
        return readSync(descriptor, bytes, 0, bytes.length, at);
      } catch {
        return 0;
      }
    },
    close: () => closeSync(descriptor),
  };
}

function share(path: string, { mode, uid, gid }: Access): void {
  if (uid !== undefined || gid !== undefined) chownSync(path, uid ?? -1, gid ?? -1);
  if (mode !== undefined) chmodSync(path, mode);
}

function removeFile(path: string): void {
  try {
    rmSync(path);
  } catch {
    // it is gone already
  }
}

function readFile(path: string): Uint8Array | undefined {
  try {
    return readFileSync(path);
  } catch {
    return undefined;
  }
}

function listFolder(path: string): readonly string[] | undefined {
  try {
    return readdirSync(path);
  } catch {
    return undefined;
  }
}

function onChildSignal(callback: () => void): () => void {
  process.on("SIGCHLD", callback);
  return () => void process.off("SIGCHLD", callback);
}

function onStopSignal(callback: (name: StopSignal) => void): () => void {
  const listeners = STOP_SIGNALS.map((name) => [name, () => callback(name)] as const);
  for (const [name, listener] of listeners) process.on(name, listener);
  return () => {
    for (const [name, listener] of listeners) process.off(name, listener);
  };
}

function raise(name: StopSignal): void {
  process.kill(process.pid, name);
  if (process.pid === 1 && process.listenerCount(name) === 0) process.exit(128 + osConstants.signals[name]);
}

function forward(stream: OutputStream, bytes: Uint8Array): void {
  const target = process[stream];
  // The host's stream may be closed, as under `| head`. Without a listener the error would end the host.
  target.write(bytes, (error) => {
    if (error) target.once("error", () => {});
  });
}
