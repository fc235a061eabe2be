/**
 * Starts the process of one worker: the token it is let in by, its start record, its command, its process group. Owns
 * the order of these; what the process then does to the worker's life is the slot's.
 */
import { SOCKET_VARIABLE, TOKEN_VARIABLE } from "../port/launcher.ts";
import { type GroupEvents, ProcessGroup } from "../reaping/process-group.ts";
import type { ResolvedWorkerOptions } from "../worker-options.ts";
import type { Welcome } from "./acceptor.ts";
import type { Door, HostProcess } from "./host-process.ts";
import { workerCommand } from "./worker-command.ts";

export interface Launched {
  readonly group: ProcessGroup;
  /** The path of its start record. */
  readonly startRecord: string;
  /** It will not connect any more. */
  forget(): void;
}

/**
 * The group is made and not started yet: an exit must find its owner ready.
 *
 * @throws whatever a launcher of the application's own throws; Error when the worker's user can't be let in.
 */
export function prepareLaunch(
  host: HostProcess,
  { folder, socket }: Door,
  module: string,
  worker: ResolvedWorkerOptions,
  events: { readonly welcome: Welcome; readonly group: GroupEvents },
): Launched {
  const { launcher, execArgv, argv, cwd, uid, gid } = worker;
  const { token, forget } = host.acceptor.expect(events.welcome);
  const startRecord = `${folder}/started-${token.slice(0, 8)}`;
  try {
    if (uid !== undefined && gid !== undefined) letIn(host, { folder, socket }, startRecord, { uid, gid });
    const command = launcher.command({ module, folder, socket, execArgv, argv, cwd });
    const env = { ...worker.env, [SOCKET_VARIABLE]: socket, [TOKEN_VARIABLE]: token };
    const group = new ProcessGroup(host, workerCommand(command, worker, env), events.group);
    return { group, startRecord, forget };
  } catch (error) {
    forget();
    throw error;
  }
}

/**
 * Another user may pass the folder without seeing what is in it, connect to the socket, which takes a token, and write
 * its own start record.
 */
function letIn(
  { runtime }: HostProcess,
  { folder, socket }: Door,
  startRecord: string,
  user: { readonly uid: number; readonly gid: number },
): void {
  runtime.share(folder, { mode: 0o711 });
  runtime.share(socket, { mode: 0o666 });
  runtime.openFile(startRecord).close();
  runtime.share(startRecord, user);
}
