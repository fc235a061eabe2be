/** The port on Deno: `Deno.Command` and `Deno.listen`. Mechanism only; every decision is core's. */
import { AsyncLocalStorage } from "node:async_hooks";
import {
  type Accept,
  type Access,
  bare,
  type Command,
  type Exit,
  exitOf,
  type FileIdentity,
  type Folder,
  failedStart,
  inMicrotask,
  type Listener,
  type OpenFile,
  type ProcessEvents,
  type Runtime,
  readOutput,
  type Signal,
  STOP_SIGNALS,
  type StopSignal,
  type WorkerProcess,
} from "@reapool/core";
import { openChannel } from "./channel.ts";
import { now, startTimer } from "./clock.ts";
import { withoutDescriptors } from "./descriptors.ts";
import { toExit } from "./exit.ts";
import { isGranted } from "./is-granted.ts";
import { launcher } from "./launcher.ts";
import { canOpenLibc, openLibc } from "./libc.ts";
import { canOpenMemory, openMemory } from "./memory.ts";
import { fillRandom } from "./random.ts";
import { afterTurn, openMirror } from "./turn.ts";
import { writeAt } from "./write-at.ts";

export const runtime: Runtime = {
  name: "deno",
  capabilities: {
    processGroups: Deno.build.os !== "windows",
    processTrees: Deno.build.os === "linux",
    get reaper() {
      return canOpenLibc();
    },
    get sharedMemory() {
      return canOpenMemory();
    },
  },
  launcher: launcher(),
  pid: Deno.pid,
  availableParallelism: () => navigator.hardwareConcurrency,
  makeFolder,
  listen,
  spawn: spawnWorker,
  startTimer,
  afterTurn,
  now,
  openFile,
  share,
  removeFile,
  readFile,
  fileAt,
  listFolder,
  onChildSignal,
  onStopSignal,
  hears: () => false, // Deno does not tell
  raise: (name) => Deno.kill(Deno.pid, name),
  exit: (code) => Deno.exit(code),
  bindContext: (callback) => AsyncLocalStorage.bind(callback),
  openLibc,
  openMemory,
  fillRandom,
  threads: undefined,
  environment,
  forward: (stream, bytes) => writeAll(Deno[stream], bytes),
  warn: (message) => console.warn(message),
};

/** Without the permission `get` would throw, or ask the terminal. */
function environment(name: string): string | undefined {
  return isGranted({ name: "env", variable: name }) ? Deno.env.get(name) : undefined;
}

function makeFolder(parent?: string): Folder {
  if (parent !== undefined) assertMayWrite(parent);
  const place = parent === undefined ? {} : { dir: parent };
  const made = Deno.makeTempDirSync(bare({ prefix: "reapool-", ...place })); // 0700
  const path = made.startsWith("/") ? made : Deno.realPathSync(made); // a TMPDIR may be relative
  const remove = () => {
    globalThis.removeEventListener("unload", remove);
    try {
      Deno.removeSync(path, bare({ recursive: true }));
    } catch {
      // it is gone already
    }
  };
  globalThis.addEventListener("unload", remove);
  return { path, remove };
}

/** On a terminal Deno would ask. */
function assertMayWrite(path: string): void {
  if (isGranted({ name: "write", path })) return;
  throw new Deno.errors.NotCapable(`Requires write access to "${path}"`);
}

async function listen(
  path: string,
  accept: Accept,
  onFailure: (tryAgain: () => void) => void,
): Promise<Listener> {
  const server = Deno.listen(bare({ transport: "unix", path }));
  server.unref();
  const closeMirror = await openMirror(server, path);
  const acceptAll = async () => {
    try {
      for (;;) {
        const connection = await server.accept();
        connection.unref();
        openChannel(connection, accept);
      }
    } catch (error) {
      if (error instanceof Deno.errors.BadResource || error instanceof Deno.errors.Interrupted) return; // closed
      onFailure(acceptAll);
    }
  };
  void acceptAll();
  return bare({
    close: () => {
      server.close();
      closeMirror();
    },
  });
}

function spawnWorker(command: Command, events: ProcessEvents): WorkerProcess {
  let worker: Deno.ChildProcess;
  try {
    const { cwd, env, clearEnv, stdin, stdout, stderr, uid, gid } = bare(command);
    assertNoQuestion(command.file);
    const [file, args] = withoutDescriptors(command.file, command.args);
    const options: Deno.CommandOptions = {
      args,
      ...(cwd === undefined ? {} : { cwd }),
      ...toEnvironment(env, clearEnv === true),
      stdin: stdin === "open" ? "piped" : "null",
      stdout: toStdio(stdout),
      stderr: toStdio(stderr),
      ...(uid === undefined ? {} : { uid }),
      ...(gid === undefined ? {} : { gid }),
      detached: true, // the leader of a group of its own
    };
    worker = new Deno.Command(file, bare(options)).spawn();
  } catch (error) {
    inMicrotask(() => events.onExit(failedStart(error)));
    return { pid: undefined, signal: () => false };
  }
  worker.unref();
  for (const stream of ["stdout", "stderr"] as const) {
    if (command[stream] === "pipe") void readOutput(worker[stream], stream, events);
  }
  const { pid, status } = worker;
  const stdin = bare(command).stdin === "open" ? worker.stdin.getWriter() : undefined;
  const onExit = (exit: Exit) => {
    stdin?.abort().catch(() => {}); // it stays open otherwise: `deno test` says so
    events.onExit(exit);
  };
  status.then(
    (ended) => onExit(toExit(ended)),
    // Deno has no name for a real-time signal, and rejects.
    () => onExit(exitOf(null, "unknown")),
  );
  return {
    pid,
    signal: (name) => signalGroup(worker, name),
    write: (bytes) => void stdin?.write(bytes as Uint8Array<ArrayBuffer>).catch(() => {}), // it is gone
  };
}

/** On a terminal Deno would ask whether the program may run: its loop stands still until somebody answers. */
function assertNoQuestion(file: string): void {
  if (Deno.permissions.querySync(bare({ name: "run", command: file })).state !== "prompt") return;
  throw new Deno.errors.NotCapable(`Requires run access to "${file}", run again with the --allow-run flag`);
}

/** Deno lays `env` over the host's own; to leave a variable out it takes the whole environment, and permission to read it. */
function toEnvironment(
  env: Command["env"],
  isWhole: boolean,
): { env: Record<string, string>; clearEnv: boolean } {
  const clearEnv = isWhole || Object.values(env).includes(undefined);
  const merged = clearEnv && !isWhole ? { ...Deno.env.toObject(), ...env } : env;
  const defined = Object.entries(merged).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return { env: bare(Object.fromEntries(defined)), clearEnv };
}

function toStdio(mode: Command["stdout"]): "inherit" | "null" | "piped" {
  return mode === "inherit" ? "inherit" : mode === "ignore" ? "null" : "piped";
}

function signalGroup(worker: Deno.ChildProcess, name: Signal): boolean | Error {
  try {
    Deno.kill(-worker.pid, name);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false; // nobody is left in the group
    if (error instanceof Deno.errors.PermissionDenied) return error; // EPERM, not a permission of Deno's
    return signalAlone(worker, name);
  }
}

/** A group takes the whole `run` permission; with a part of it a host may still signal its own process. */
function signalAlone(worker: Deno.ChildProcess, name: Signal): boolean {
  try {
    worker.kill(name);
    return true;
  } catch {
    return false; // it has exited
  }
}

function openFile(path: string): OpenFile {
  const file = createOwn(path) ?? openOwn(path);
  return {
    write: (bytes, at) => writeAt(file, bytes, at),
    read: (bytes, at) => {
      try {
        file.seekSync(at, Deno.SeekMode.Start);
        return file.readSync(bytes) ?? 0;
      } catch {
        return 0;
      }
    },
    close: () => file.close(),
  };
}

/** Undefined where there is something already: neither is a link followed then, nor a pipe waited for. */
function createOwn(path: string): Deno.FsFile | undefined {
  try {
    return Deno.openSync(path, bare({ read: true, write: true, createNew: true, mode: 0o600 }));
  } catch (error) {
    if (error instanceof Deno.errors.AlreadyExists) return undefined;
    throw error;
  }
}

/** Deno can't open without following a link, so what was opened is compared with what stands under the name. */
function openOwn(path: string): Deno.FsFile {
  const named = Deno.lstatSync(path);
  if (named.isFile) {
    const file = Deno.openSync(path, bare({ read: true, write: true }));
    const { isFile, dev, ino } = file.statSync();
    if (isFile && dev === named.dev && ino === named.ino) return file;
    file.close();
  }
  throw new Error(`Expected a regular file at ${path}`);
}

function share(path: string, access: Access): void {
  const { mode, uid, gid } = bare(access);
  if (uid !== undefined || gid !== undefined) Deno.chownSync(path, uid ?? null, gid ?? null);
  if (mode !== undefined) Deno.chmodSync(path, mode);
}

function removeFile(path: string): void {
  try {
    Deno.removeSync(path, bare({ recursive: false }));
  } catch {
    // it is gone already
  }
}

function readFile(path: string): Uint8Array | undefined {
  try {
    return Deno.readFileSync(path);
  } catch {
    return undefined;
  }
}

function fileAt(path: string): FileIdentity | undefined {
  try {
    if (!isGranted({ name: "read", path })) return undefined;
    const { dev, ino, uid, isDirectory } = Deno.statSync(path);
    return { id: `${dev}:${ino}`, owner: uid, isFolder: isDirectory };
  } catch {
    return undefined;
  }
}

function listFolder(path: string): readonly string[] | undefined {
  try {
    return Array.from(Deno.readDirSync(path), ({ name }) => name);
  } catch {
    return undefined;
  }
}

function onChildSignal(callback: () => void): () => void {
  Deno.addSignalListener("SIGCHLD", callback);
  return () => Deno.removeSignalListener("SIGCHLD", callback);
}

function onStopSignal(callback: (name: StopSignal) => void): () => void {
  const listeners = STOP_SIGNALS.map((name) => [name, () => callback(name)] as const);
  for (const [name, listener] of listeners) Deno.addSignalListener(name, listener);
  return () => {
    for (const [name, listener] of listeners) Deno.removeSignalListener(name, listener);
  };
}

function writeAll(target: { writeSync(bytes: Uint8Array): number }, bytes: Uint8Array): void {
  try {
    for (let rest = bytes; rest.length > 0; ) rest = rest.subarray(target.writeSync(rest));
  } catch {
    // the host's own stream is closed: there is nobody to read it
  }
}
