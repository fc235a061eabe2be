/**
 * Accepts the connections of workers: one socket for all pools of a host process, and one more for each other user that
 * workers run as. Owns the listeners, their retries and the check of tokens. A connection with the token of a worker that
 * is expected at this socket is handed over, any other is closed; doorstep.ts bounds those that have not said who they are.
 */

import { bare } from "../bare.ts";
import { ProtocolError } from "../errors.ts";
import type { Channel, ChannelEvents, Listener, Runtime } from "../port/runtime.ts";
import { randomHex } from "../random-hex.ts";
import { FrameType, type Hello, MAX_HELLO_BYTES } from "../wire/frame.ts";
import { FrameReader } from "../wire/frame-reader.ts";
import { Doorstep } from "./doorstep.ts";
import type { LoopWatch } from "./loop-watch.ts";

/** Called when the expected worker has connected; returns the handlers for what it sends from now on. */
export type Welcome = (channel: Channel, hello: Hello) => ChannelEvents;

/** 128 bits, so that no other process on this machine can guess a token. */
const TOKEN_BYTES = 16;
/** How long to wait after a connection could not be accepted. */
const ACCEPT_AGAIN_MS = 100;

interface Expected {
  readonly socket: string;
  readonly welcome: Welcome;
}

export class Acceptor {
  readonly #runtime: Runtime;
  readonly #watch: LoopWatch;
  /** By token: each is good for one connection. */
  readonly #expected = new Map<string, Expected>();
  /** By the path of the socket. */
  readonly #listeners = new Map<string, Promise<Listener>>();

  constructor(runtime: Runtime, watch: LoopWatch) {
    this.#runtime = runtime;
    this.#watch = watch;
  }

  /** Opens the socket at the first call, for this user alone; after a failure, the next call tries again. */
  open(socket: string): Promise<Listener> {
    const open = this.#listeners.get(socket);
    if (open !== undefined) return open;
    const opening = this.#listen(socket);
    this.#listeners.set(socket, opening);
    opening.catch(() => {
      if (this.#listeners.get(socket) === opening) this.#listeners.delete(socket);
    });
    return opening;
  }

  /** Closes the sockets that are open. */
  close(): void {
    const listeners = [...this.#listeners.values()];
    this.#listeners.clear();
    for (const listener of listeners) {
      listener.then(
        (open) => open.close(),
        () => {}, // it never opened, and `open` has rejected
      );
    }
  }

  /** Makes a token, and accepts one worker that shows it at this socket; `forget` revokes the token. */
  expect(socket: string, welcome: Welcome): { readonly token: string; readonly forget: () => void } {
    const token = randomHex(TOKEN_BYTES, this.#runtime);
    this.#expected.set(token, { socket, welcome });
    return { token, forget: () => void this.#expected.delete(token) };
  }

  async #listen(socket: string): Promise<Listener> {
    const doorstep = new Doorstep(this.#watch, () => this.#expected.size);
    const listener = await this.#runtime.listen(
      socket,
      (channel) => this.#greet(channel, socket, doorstep),
      (tryAgain) => void this.#runtime.startTimer(ACCEPT_AGAIN_MS, tryAgain),
    );
    try {
      this.#runtime.share(socket, { mode: 0o600 }); // others may enter its folder, once a worker runs as another user
    } catch (error) {
      listener.close();
      throw error;
    }
    return listener;
  }

  /** Reads one frame, the Hello, and hands the connection over if its token is known. */
  #greet(channel: Channel, socket: string, doorstep: Doorstep): ChannelEvents {
    let events: ChannelEvents | undefined;
    const waiting = doorstep.add(channel);
    // A worker waits for its Init before it says more, so one chunk never holds a second frame.
    const reader = new FrameReader(MAX_HELLO_BYTES, (type, _task, payload) => {
      const hello = parseHello(type, payload);
      const expected = this.#expected.get(hello.token);
      if (expected?.socket !== socket) return doorstep.reject(waiting);
      this.#expected.delete(hello.token);
      doorstep.remove(waiting);
      events = expected.welcome(channel, hello);
    });
    return {
      onData: (bytes) => {
        if (waiting.isRejected) return;
        if (events !== undefined) return events.onData(bytes);
        try {
          reader.push(bytes);
        } catch {
          doorstep.reject(waiting); // not one of our workers: nothing to report
        }
      },
      onClose: () => {
        doorstep.remove(waiting);
        events?.onClose();
      },
    };
  }
}

function parseHello(type: number, payload: Uint8Array): Hello {
  if (type !== FrameType.Hello) throw new ProtocolError(`Expected a Hello frame, received type ${type}`);
  const hello: unknown = JSON.parse(new TextDecoder().decode(payload));
  if (typeof hello !== "object" || hello === null)
    throw new ProtocolError("Expected a Hello to be an object");
  return bare(hello as Hello);
}
