/**
 * The same kind of Unix socket, reached in each runtime by the API the pool reaches it by. No protection, no errors: one
 * side of a measurement.
 *
 * @typedef {{ write(bytes: Uint8Array): void; close(): void }} Socket
 * @typedef {(socket: Socket) => (bytes: Uint8Array) => void} Accept
 */

// The globals of the others, as far as they are used here.
const { Bun, Deno } = /** @type {any} */ (globalThis);

/** @type {(path: string, accept: Accept) => Promise<() => void>} */
export const listen = Bun ? listenInBun : Deno ? listenInDeno : listenInNode;

/** @type {(path: string, accept: Accept, onClose: () => void) => Promise<void>} */
export const connect = Bun ? connectInBun : Deno ? connectInDeno : connectInNode;

/** @param {string} path @param {Accept} accept */
async function listenInNode(path, accept) {
  const { createServer } = await import("node:net");
  const server = createServer((socket) => openInNode(socket, accept, () => {}));
  await new Promise((resolve) => server.listen(path, () => resolve(undefined)));
  return () => server.close();
}

/** @param {string} path @param {Accept} accept @param {() => void} onClose */
async function connectInNode(path, accept, onClose) {
  const { connect } = await import("node:net");
  const socket = connect(path);
  await new Promise((resolve) => socket.once("connect", resolve));
  openInNode(socket, accept, onClose);
}

/** @param {import("node:net").Socket} socket @param {Accept} accept @param {() => void} onClose */
function openInNode(socket, accept, onClose) {
  const onData = accept({ write: (bytes) => void socket.write(bytes), close: () => socket.destroy() });
  socket.on("data", onData);
  socket.on("close", onClose);
  socket.on("error", () => {}); // the close says it
}

/** @param {Accept} accept @param {() => void} onClose */
function handlersInBun(accept, onClose) {
  /** @param {any} socket */
  const send = (socket) => {
    const { unsent } = socket.data;
    while (unsent.length > 0) {
      const sent = socket.write(unsent[0]);
      if (sent < unsent[0].length) {
        unsent[0] = unsent[0].subarray(Math.max(0, sent));
        return;
      }
      unsent.shift();
    }
  };
  return {
    /** @param {any} socket */
    open: (socket) => {
      socket.data = { unsent: [] };
      socket.data.onData = accept({
        write: (bytes) => {
          if (socket.data.unsent.push(bytes) === 1) send(socket);
        },
        close: () => socket.end(),
      });
    },
    /** @param {any} socket @param {Uint8Array} bytes */
    data: (socket, bytes) => socket.data.onData(bytes),
    drain: send,
    close: onClose,
    error: () => {}, // the close says it
  };
}

/** @param {string} path @param {Accept} accept */
async function listenInBun(path, accept) {
  const server = Bun.listen({ unix: path, socket: handlersInBun(accept, () => {}) });
  return () => server.stop();
}

/** @param {string} path @param {Accept} accept @param {() => void} onClose */
async function connectInBun(path, accept, onClose) {
  await Bun.connect({ unix: path, socket: handlersInBun(accept, onClose) });
}

/** @param {string} path @param {Accept} accept */
async function listenInDeno(path, accept) {
  const server = Deno.listen({ transport: "unix", path });
  void (async () => {
    for await (const connection of server) openInDeno(connection, accept, () => {});
  })();
  return () => server.close();
}

/** @param {string} path @param {Accept} accept @param {() => void} onClose */
async function connectInDeno(path, accept, onClose) {
  openInDeno(await Deno.connect({ transport: "unix", path }), accept, onClose);
}

/** @param {any} connection @param {Accept} accept @param {() => void} onClose */
function openInDeno(connection, accept, onClose) {
  /** @type {Uint8Array[]} */
  const unsent = [];
  let isSending = false;
  const send = async () => {
    isSending = true;
    for (let bytes = unsent[0]; bytes !== undefined; bytes = unsent[0]) {
      const sent = await connection.write(bytes);
      if (sent < bytes.length) unsent[0] = bytes.subarray(sent);
      else unsent.shift();
    }
    isSending = false;
  };
  const onData = accept({
    write: (bytes) => {
      unsent.push(bytes);
      if (!isSending) void send().catch(() => {}); // the end that the read meets says it
    },
    close: () => connection.close(),
  });
  const receive = async () => {
    const buffer = new Uint8Array(64 * 1024);
    for (;;) {
      const read = await connection.read(buffer);
      if (read === null) return;
      onData(buffer.subarray(0, read));
    }
  };
  receive()
    .catch(() => {})
    .finally(onClose);
}
