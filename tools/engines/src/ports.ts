/** Ports of the loopback interface. */
import { once } from "node:events";
import { connect, createServer } from "node:net";

export const LOOPBACK = "127.0.0.1";
const CONNECT_MS = 5_000;
const TRIES = 5;

/** Another process may take a port before the server does: then the next is tried. */
export async function onFreePort<T>(start: (port: number) => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await start(await freePort());
    } catch (error) {
      if (tries === TRIES || !/in use/i.test((error as Error).message)) throw error;
    }
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, LOOPBACK);
  await once(server, "listening");
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === "string") throw new Error("Expected a port");
  return address.port;
}

/** @throws Error if nothing listens there. */
export async function knock(host: string, port: number): Promise<void> {
  const socket = connect({ host, port });
  socket.setTimeout(CONNECT_MS, () => socket.destroy(new Error(`no answer within ${CONNECT_MS / 1_000} s`)));
  try {
    await once(socket, "connect");
  } finally {
    socket.destroy();
  }
}
