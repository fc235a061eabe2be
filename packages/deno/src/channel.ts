/** A channel over a `Deno.Conn`. */
import type { Accept, Channel } from "@reapool/core";

/** What one read takes at most. */
const READ_BYTES = 64 * 1024;

/** Binds a connection to whoever `accept` names. */
export function openChannel(connection: Deno.UnixConn, accept: Accept): Channel {
  const unsent: { bytes: Uint8Array; readonly onSent: (() => void) | undefined }[] = [];
  let unsentBytes = 0;
  let isSending = false;
  let isClosing = false;

  /** One write at a time: concurrent ones could be cut into each other. */
  async function send(): Promise<void> {
    isSending = true;
    try {
      for (let next = unsent[0]; next !== undefined; next = unsent[0]) {
        const sent = await connection.write(next.bytes);
        unsentBytes -= sent;
        if (sent < next.bytes.length) next.bytes = next.bytes.subarray(sent);
        else {
          unsent.shift();
          next.onSent?.();
        }
      }
    } catch {
      unsent.length = 0; // EPIPE, ECONNRESET: the end that the read meets says all there is to say
    }
    isSending = false;
    if (isClosing) hangUp();
  }

  function hangUp(): void {
    try {
      connection.close();
    } catch {
      // BadResource: closed already
    }
  }

  const channel: Channel = {
    write: (bytes, onSent) => {
      if (isClosing) return;
      unsent.push({ bytes, onSent });
      unsentBytes += bytes.length;
      if (!isSending) void send();
    },
    get unsent() {
      return unsentBytes;
    },
    close: () => {
      isClosing = true;
      if (!isSending) hangUp();
    },
  };
  const events = accept(channel);

  async function receive(): Promise<void> {
    const buffer = new Uint8Array(READ_BYTES);
    try {
      for (let read = await connection.read(buffer); read !== null; read = await connection.read(buffer)) {
        events.onData(buffer.subarray(0, read));
      }
    } catch (error) {
      if (!isDisconnect(error)) throw error;
    } finally {
      isClosing = true;
      if (!isSending) hangUp();
      events.onClose();
    }
  }
  void receive();
  return channel;
}

/** The other side is gone, or this side hung up while a read was under way. */
function isDisconnect(error: unknown): boolean {
  return (
    error instanceof Deno.errors.ConnectionReset ||
    error instanceof Deno.errors.BrokenPipe ||
    error instanceof Deno.errors.BadResource ||
    error instanceof Deno.errors.Interrupted
  );
}
