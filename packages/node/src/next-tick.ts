/**
 * Node's sockets ask `process` for `nextTick` each time they need it: where a test has put a fake there, they stand still
 * until it is advanced. So they are called with the real one in its place. What they do by themselves needs it for one
 * thing that matters: to tell the end.
 */
import type { Socket } from "node:net";
import { original } from "@reapool/node-builtins/original";

const real = original(process.nextTick, "nextTick");

/** Calls into Node. No code of a user may run in it. */
export function withRealTick<T>(call: () => T): T {
  const found = process.nextTick;
  if (found === real) return call();
  process.nextTick = real;
  try {
    return call();
  } finally {
    process.nextTick = found;
  }
}

export function write(socket: Socket, bytes: Uint8Array, onSent?: () => void): void {
  if (process.nextTick === real) socket.write(bytes, onSent);
  else withRealTick(() => socket.write(bytes, onSent));
}

/** Passes on what is read until the end. */
export function readAll(socket: Socket, onData: (bytes: Buffer) => void): void {
  closeAtEnd(socket);
  withRealTick(() => socket.on("data", onData));
}

/** Its `close` follows the end of what is read. */
export function closeAtEnd(socket: Socket): void {
  const { push } = socket;
  socket.push = (chunk, encoding) =>
    chunk === null ? withRealTick(() => push.call(socket, null)) : push.call(socket, chunk, encoding);
  socket.on("end", () => withRealTick(() => socket.end()));
}
