/** A channel over a `net.Socket`. */
import type { Socket } from "node:net";
import type { Accept, Channel } from "@reapool/core";

/** Binds a connected socket to whoever `accept` names. */
export function openChannel(socket: Socket, accept: Accept): Channel {
  const channel: Channel = {
    write: (bytes, onSent) => {
      if (socket.writable) socket.write(bytes, onSent);
    },
    close: () => socket.destroySoon(),
  };
  const events = accept(channel);
  socket.on("data", (bytes) => events.onData(bytes));
  socket.on("close", () => events.onClose());
  socket.on("error", () => {}); // EPIPE, ECONNRESET: the close that follows says all there is to say
  return channel;
}
