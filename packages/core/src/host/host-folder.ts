/**
 * The folder of a host process: it holds the socket, the guard's table and the journals. Owns where it is made, and whether it
 * is still as it was: programs that clean up temporary folders take it from hosts that live for long. What is then made
 * anew is up to host-process.ts.
 */
import type { Folder, Runtime } from "../port/runtime.ts";

/** The limit on macOS; Linux allows four more. */
const MAX_SOCKET_PATH_BYTES = 103;

/** Where the folder is made if the path of its own place is too long for a socket. */
const SHORT_PLACE = "/tmp";

type FolderRuntime = Pick<Runtime, "makeFolder" | "fileAt">;

export class HostFolder {
  readonly #runtime: FolderRuntime;
  readonly #folder: Folder;
  /** What was at each path when it had just been made; undefined where that can't be known. */
  readonly #made = new Map<string, string | undefined>();
  /** Of the folder. What is in it may be given to another user, and is safe as long as the folder is. */
  readonly #owner: number | null | undefined;

  /**
   * @param isNext An earlier one has been lost, perhaps with the place it was in.
   * @throws Error when there is no place for it.
   */
  constructor(runtime: FolderRuntime, isNext: boolean) {
    this.#runtime = runtime;
    this.#folder = makeShort(runtime, isNext);
    this.note(this.path);
    this.#owner = runtime.fileAt(this.path)?.owner;
  }

  get path(): string {
    return this.#folder.path;
  }

  /** Each user that workers run as has a socket; the host's own has the one without a number. */
  socketFor(uid: number | undefined): string {
    return socketIn(this.path, uid);
  }

  /** From now on it counts as damaged when something else is at this path, or nothing. */
  note(path: string): void {
    if (!this.#made.has(path)) this.#made.set(path, this.#runtime.fileAt(path)?.id);
  }

  get isWhole(): boolean {
    if (this.#runtime.fileAt(this.path)?.owner !== this.#owner) return false;
    for (const [path, id] of this.#made) if (id !== this.#runtime.fileAt(path)?.id) return false;
    return true;
  }

  /** Never throws. */
  remove(): void {
    this.#folder.remove();
  }
}

function makeShort(runtime: FolderRuntime, isNext: boolean): Folder {
  try {
    return inPlace(runtime, undefined);
  } catch (error) {
    if (!isNext && !(error instanceof TooLongError)) throw error;
    try {
      return inPlace(runtime, SHORT_PLACE);
    } catch {
      throw error; // the first says what to change
    }
  }
}

class TooLongError extends Error {}

/** Node 22 truncates a longer path, and would open the socket outside the folder that only this user can enter [tried]. */
function inPlace(runtime: FolderRuntime, place: string | undefined): Folder {
  const folder = runtime.makeFolder(place);
  const { length } = new TextEncoder().encode(socketIn(folder.path, undefined));
  if (length <= MAX_SOCKET_PATH_BYTES) return folder;
  folder.remove();
  throw new TooLongError(
    `Expected its path to take at most ${MAX_SOCKET_PATH_BYTES} bytes, received ${length}`,
  );
}

function socketIn(folder: string, uid: number | undefined): string {
  return uid === undefined ? `${folder}/socket` : `${folder}/socket-${uid}`;
}
