/**
 * Prepares the process of one worker: the token it connects with, its journal, its command, its process group. Owns the
 * order of these; the slot decides what happens to the worker afterwards. `worker.data` follows in the Init: connection.ts.
 */

import { bare } from "../bare.ts";
import type { Welcome } from "../host/acceptor.ts";
import type { Door, HostProcess } from "../host/host-process.ts";
import { isCaptured } from "../options/worker-options.ts";
import { SOCKET_VARIABLE, TOKEN_VARIABLE } from "../port/launcher.ts";
import type { Exit, OpenFile, Runtime } from "../port/runtime.ts";
import { readText } from "../read-text.ts";
import type { Lease } from "../reaping/leases.ts";
import { inheritedMarks } from "../reaping/mark.ts";
import { type GroupEvents, ProcessGroup } from "../reaping/process-group.ts";
import type { Init } from "../wire/frame.ts";
import type { JournalFile } from "../wire/journal.ts";
import { containmentOf } from "./containment.ts";
import type { SlotContext } from "./slot-context.ts";
import { explainStart } from "./start-error.ts";
import type { StartedWorker } from "./start-options.ts";
import { startingVariables } from "./starting-variables.ts";
import { workerCommand } from "./worker-command.ts";

export interface Launched {
  readonly group: ProcessGroup;
  /** Its own, which is not that of the process that was started where that only waits for it: then once it has connected. */
  readonly pid: number | undefined;
  /** Once its process runs, where it has one (`worker.lease`). */
  readonly lease: Lease | undefined;
  /** Open from the start, so that the host can read it even if its file is removed. */
  readonly journal: JournalFile & { readonly path: string };
  /** Call when it will not connect any more. */
  forget(): void;
  /** Call when its journal is not needed any more. */
  dispose(): void;
}

/** What the worker is told first; the rest is known when it connects. */
export function initFor(
  { module, options }: Pick<SlotContext<unknown>, "module" | "options">,
  { data, isStdoutRead, stderr }: StartedWorker,
  workerId: number,
): Omit<Init, "journal"> {
  const { concurrentTasksPerWorker: concurrency, closeOnSignals: holdsStopSignals } = options;
  const isCapturing = isStdoutRead || isCaptured(stderr);
  const told = { module, workerId, concurrency, holdsStopSignals };
  const init = isCapturing ? { ...told, isCaptured: true } : told;
  return data === undefined ? init : { ...init, data };
}

/**
 * Creates the process group without starting it, so that the owner is ready for its exit.
 *
 * @throws what a custom launcher throws; Error when the worker's user can't be given access.
 */
export function prepareLaunch(
  host: HostProcess,
  { folder, socket }: Door,
  module: string,
  worker: StartedWorker,
  events: {
    readonly welcome: Welcome;
    readonly group: GroupEvents;
    /** It was killed, or has to be, in another way than by the pool; `onExit` follows. */
    readonly onKilled: (reason: "memory" | "lease", error: Error) => void;
  },
): Launched {
  const { launcher, execArgv, argv, cwd, uid, gid } = worker;
  const contained = containmentOf(host, worker);
  let inside: number | undefined;
  let group: ProcessGroup | undefined;
  let lease: Lease | undefined;
  const { token, forget } = host.acceptor.expect(socket, (channel, hello) => {
    inside = contained?.pid?.(group?.pid);
    return events.welcome(channel, hello);
  });
  const path = `${folder}/journal-${token.slice(0, 8)}`;
  let file: OpenFile | undefined;
  const dispose = () => {
    file?.close();
    host.runtime.removeFile(path);
  };
  try {
    file = host.runtime.openFile(path);
    if (uid !== undefined && gid !== undefined) giveAccess(host, { folder, socket }, path, { uid, gid });
    const command = launcher.command({ module, folder, socket, execArgv, argv, cwd });
    const start =
      uid === undefined
        ? bare(command).env // corrects what is inherited of the host, which another user's worker does not inherit
        : { ...startingVariables((name) => host.runtime.environment(name)), ...marksAround(host.runtime) };
    const mark = worker.containment === "tree" ? host.marks.next() : undefined;
    const env = {
      ...start,
      ...worker.env,
      ...(mark && host.marks.variables(mark)),
      [SOCKET_VARIABLE]: socket,
      [TOKEN_VARIABLE]: token,
    };
    const started = workerCommand(command, worker, env, contained);
    const onExit = (exit: Exit) => {
      const { error } = exit;
      if (error !== undefined) {
        events.group.onExit({ ...exit, error: explainStart(error, started, host.runtime) });
        return;
      }
      const lapsed = lease?.end(exit);
      if (lapsed !== undefined) events.onKilled("lease", lapsed);
      const ended = contained?.ended(exit);
      if (ended?.outOfMemory !== undefined) events.onKilled("memory", ended.outOfMemory);
      events.group.onExit(ended?.exit ?? exit);
    };
    const onStart = () => {
      const number = group?.pid;
      if (worker.lease !== undefined && number !== undefined) {
        const terms = {
          group: number,
          ms: worker.lease,
          ending: mark === undefined ? contained?.cgroup : { mark },
        };
        lease = host.leases.add(terms, (error) => events.onKilled("lease", error));
      }
      events.group.onStart();
    };
    group = new ProcessGroup(host, started, { ...events.group, onStart, onExit }, mark);
    return {
      group,
      get pid() {
        return contained?.pid === undefined ? this.group.pid : inside;
      },
      get lease() {
        return lease;
      },
      journal: { path, read: file.read },
      forget,
      dispose,
    };
  } catch (error) {
    forget();
    dispose();
    throw error;
  }
}

/**
 * Gives another user access: it may traverse the folder without listing it, connect to the socket, which is for it alone and
 * requires a token, and write its own journal.
 */
function giveAccess(
  { runtime }: HostProcess,
  { folder, socket }: Door,
  journal: string,
  user: { readonly uid: number; readonly gid: number },
): void {
  runtime.share(folder, { mode: 0o711 });
  runtime.share(socket, { ...user, mode: 0o600 });
  runtime.share(journal, user);
}

/** Of the workers that this process is in. By what the kernel has kept: no runtime has to be allowed to list its variables. */
function marksAround(runtime: Runtime): Record<string, string> {
  return inheritedMarks(readText(runtime, "/proc/self/environ") ?? "");
}
