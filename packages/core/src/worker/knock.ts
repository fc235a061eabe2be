/**
 * Connects to the host, and again where the worker was turned away before it was heard: strangers may crowd at the door. Owns
 * how often and how long; what is said then is up to serve.ts.
 */
import { codeOf } from "../bare.ts";
import { messageOf } from "../message-of.ts";

/** How often a worker knocks. */
const KNOCKS = 100;
/** The pause between, in ms. */
const KNOCK_AGAIN_MS = 20;

/** The exit code of a worker that does not reach its host: EX_UNAVAILABLE of sysexits. */
const UNREACHED_CODE = 69;

export interface KnockSurroundings {
  /** Where the host listens. */
  readonly socket: string;
  after(ms: number, callback: () => void): void;
  exit(code: number): void;
}

/**
 * Connects, and calls `heard` once the host answers.
 *
 * @param turnedAway Asked when the connection has closed: true where the host has not answered and another will be made.
 */
export type Connect = (heard: () => void, turnedAway: () => boolean) => Promise<void>;

/** Resolves when there is a connection, and ends the process where there will be none. */
export async function knock(host: KnockSurroundings, connect: Connect): Promise<void> {
  let tries = 0;

  async function tryOnce(): Promise<void> {
    tries++;
    let isHeard = false;
    await connect(
      () => {
        isHeard = true;
      },
      () => {
        if (isHeard || tries === KNOCKS) return false;
        host.after(KNOCK_AGAIN_MS, () => void tryAgain());
        return true;
      },
    );
  }

  async function tryAgain(): Promise<void> {
    try {
      await tryOnce();
    } catch (error) {
      if (isCrowded(error) && tries < KNOCKS) host.after(KNOCK_AGAIN_MS, () => void tryAgain());
      else host.exit(0); // the host is gone
    }
  }

  try {
    await tryOnce();
  } catch (error) {
    if (isCrowded(error)) await tryAgain();
    else if (isLeft(error)) host.exit(0);
    else {
      console.error(unreached(host.socket, error));
      host.exit(UNREACHED_CODE);
    }
  }
}

function unreached(socket: string, error: unknown): string {
  return (
    `Expected the pool that started this worker to listen at ${socket}, received: ${messageOf(error).split("\n")[0]}. ` +
    "If its program has ended, all is well; if it runs, see whether this worker may enter that folder (its user, its " +
    "sandbox), or whether something has removed it"
  );
}

/** The socket is there and nobody listens: the host is gone. */
function isLeft(error: unknown): boolean {
  return codeOf(error) === "ECONNREFUSED" || (error as Error).name === "ConnectionRefused";
}

/** More wait to be let in than the system queues, or the host has closed the connection while it was made. */
function isCrowded(error: unknown): boolean {
  const code = codeOf(error);
  const { name } = error as Error;
  return code === "EAGAIN" || name === "WouldBlock" || code === "ECONNRESET";
}
