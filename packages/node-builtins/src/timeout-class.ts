/**
 * The class of Node's timers, from where no fake reaches: a socket's time limit is one. Undocumented, so it may be missing:
 * elsewhere it always is.
 */
import type { Socket } from "node:net";

export interface HiddenTimer {
  /** Starts it, or starts it anew. */
  refresh(): unknown;
  ref(): unknown;
  unref(): unknown;
  close(): unknown;
}

type TimeoutClass = new (
  callback: () => void,
  ms: number,
  args: undefined,
  repeats: boolean,
  isReferenced: boolean,
) => HiddenTimer;

export const Timeout: TimeoutClass | undefined = findClass();

function findClass(): TimeoutClass | undefined {
  if (process.versions.bun !== undefined) return undefined;
  const socket = new (process.getBuiltinModule("node:net").Socket)();
  socket.setTimeout(1);
  const timer = timerOf(socket);
  timer?.close();
  return timer?.constructor as TimeoutClass | undefined;
}

function timerOf(socket: Socket): HiddenTimer | undefined {
  const values = Object.getOwnPropertySymbols(socket).map((key) => (socket as never)[key] as unknown);
  return values.find((value): value is HiddenTimer => value?.constructor?.name === "Timeout");
}
