/**
 * Connects to the host, and again where the worker was turned away before it was heard: strangers may crowd at the door. Owns
 * how often and how long; what is said then is up to serve.ts.
 */
import { codeOf } from "../bare.ts";

/** How often a worker knocks. */
const KNOCKS = 100;
/** The pause between, in ms. */
const KNOCK_AGAIN_MS = 20;

export interface KnockSurroundings {
  after(ms: number, callback: () => void): void;
  exit(code: number): void;
}

/**
 * Connects, and calls `heard` once the host answers.
 *
 * @param turnedAway Asked when the connection has closed: true where the host has not answered and another will be made.
 */
export type Connect = (heard: () => void, turnedAway: () => boolean) => Promise<void>;

/** Resolves when there is a connection, and ends the process where there will be none. @throws what `connect` throws first. */
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
    if (!isCrowded(error)) throw error;
    await tryAgain();
  }
}

/** More wait to be let in than the system queues, or the host has closed the connection while it was made. */
function isCrowded(error: unknown): boolean {
  const code = codeOf(error);
  const { name } = error as Error;
  return code === "EAGAIN" || name === "WouldBlock" || code === "ECONNRESET";
}
