/** A channel over a `net.Socket`. */
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import type { Accept, Channel, ChannelEvents } from "@reapool/core";
import { fs } from "@reapool/node-builtins/fs";
import { closeAtEnd, readAll, withRealTick, write } from "./next-tick.ts";

/** What one read takes at most. */
const READ_BYTES = 64 * 1024;

/** Binds a connected socket to whoever `accept` names. */
export function openChannel(socket: Socket, accept: Accept): Channel {
  const channel = channelOf(socket);
  const events = accept(channel);
  readAll(socket, (bytes) => events.onData(bytes));
  readToEndBeforeDestroy(socket, (bytes) => events.onData(bytes));
  socket.on("close", () => events.onClose());
  return channel;
}

/**
 * Connects. What comes is read into one buffer that is used again: to make one for each read costs more
 * page faults than to keep what was read [measured, 1 MiB]. A socket that a server has accepted can't have it.
 */
export async function connectChannel(path: string, events: ChannelEvents): Promise<Channel> {
  const onData = (read: number, buffer: Uint8Array) => {
    events.onData(buffer.subarray(0, read));
    return true; // go on reading
  };
  const onread = { __proto__: null, buffer: new Uint8Array(READ_BYTES), callback: onData };
  const options = { __proto__: null, path, onread };
  const socket = withRealTick(() => connect(options));
  closeAtEnd(socket);
  await once(socket, "connect");
  socket.on("close", () => events.onClose());
  return channelOf(socket);
}

/**
 * A write to a peer that is gone fails with EPIPE, and Node then destroys the socket: what the peer had written before
 * its end still lies in the kernel, and would be lost. It is read here first, past the stream, which is of no use any more.
 */
function readToEndBeforeDestroy(socket: Socket, onData: (bytes: Uint8Array) => void): void {
  const destroy = socket._destroy;
  socket._destroy = (error, callback) => {
    const { fd } = (socket as { _handle?: { fd?: number } })._handle ?? {};
    if (error && fd !== undefined && fd >= 0) readToEnd(fd, onData);
    destroy.call(socket, error, callback);
  };
}

function readToEnd(fd: number, onData: (bytes: Uint8Array) => void): void {
  const buffer = new Uint8Array(READ_BYTES);
  try {
    for (let read = fs.readSync(fd, buffer); read > 0; read = fs.readSync(fd, buffer)) {
      onData(buffer.subarray(0, read));
    }
  } catch {
    // ECONNRESET, or EAGAIN: another process has inherited the peer's end
  }
}

function channelOf(socket: Socket): Channel {
  socket.on("error", () => {}); // EPIPE, ECONNRESET: the close that follows says all there is to say
  return {
    write: (bytes, onSent) => {
      if (socket.writable) write(socket, bytes, onSent);
    },
    get unsent() {
      return socket.writableLength;
    },
    close: () => withRealTick(() => socket.destroySoon()),
  };
}
