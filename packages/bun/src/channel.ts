/** A channel over a `Bun.Socket`. */
import type { Accept, Channel, ChannelEvents } from "@reapool/core";
import type { Socket, SocketHandler } from "bun";

/** What is kept with each socket. */
export interface Connected {
  events: ChannelEvents;
  /** What the kernel had no room for yet: Bun's `write` takes what fits and leaves the rest to us. */
  unsent: { bytes: Uint8Array; readonly onSent: (() => void) | undefined }[];
  isClosing: boolean;
}

/** Handlers that bind each connected socket to whoever `accept` names. */
export function channelHandlers(
  accept: Accept,
  onOpen: (socket: Socket<Connected>) => void,
): SocketHandler<Connected> {
  const handlers: SocketHandler<Connected> = {
    open: (socket) => {
      onOpen(socket);
      const connected: Connected = {
        events: { onData: () => {}, onClose: () => {} },
        unsent: [],
        isClosing: false,
      };
      socket.data = connected;
      connected.events = accept(channelOf(socket));
    },
    data: (socket, bytes) => socket.data.events.onData(bytes),
    drain: (socket) => send(socket),
    close: (socket) => {
      socket.data.isClosing = true;
      socket.data.unsent.length = 0;
      socket.data.events.onClose();
    },
    error: () => {}, // EPIPE, ECONNRESET: the close that follows says all there is to say
  };
  return Object.setPrototypeOf(handlers, null) as SocketHandler<Connected>;
}

function channelOf(socket: Socket<Connected>): Channel {
  return {
    write: (bytes, onSent) => {
      if (socket.data.isClosing) return;
      socket.data.unsent.push({ bytes, onSent });
      if (socket.data.unsent.length === 1) send(socket);
    },
    get unsent() {
      let bytes = 0;
      for (const waiting of socket.data.unsent) bytes += waiting.bytes.length;
      return bytes;
    },
    close: () => {
      socket.data.isClosing = true;
      if (socket.data.unsent.length === 0) socket.end();
    },
  };
}

function send(socket: Socket<Connected>): void {
  const { unsent } = socket.data;
  for (let next = unsent[0]; next !== undefined; next = unsent[0]) {
    const sent = socket.write(next.bytes);
    if (sent < next.bytes.length) {
      // Negative once the socket is closed; nothing will drain then, and nothing needs to.
      next.bytes = next.bytes.subarray(Math.max(0, sent));
      return;
    }
    unsent.shift();
    next.onSent?.();
  }
  if (socket.data.isClosing) socket.end();
}
