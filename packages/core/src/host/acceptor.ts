/**
 * Accepts the connections of workers: one socket for all pools of a host process. Owns the listener, its retries and the
 * check of tokens. A connection with the token of an expected worker is handed over, any other is closed.
 */
import { bare } from "../bare.ts";
import { ProtocolError } from "../errors.ts";
import type { Channel, ChannelEvents, Listener, Runtime } from "../port/runtime.ts";
import { FrameType, type Hello, MAX_HELLO_BYTES } from "../wire/frame.ts";
import { FrameReader } from "../wire/frame-reader.ts";

/** Called when the expected worker has connected; returns the handlers for what it sends from now on. */
export type Welcome = (channel: Channel, hello: Hello) => ChannelEvents;

/** A connection without a Hello is closed after this. */
const HELLO_MS = 10_000;

/** How long to wait after a connection could not be accepted. */
const ACCEPT_AGAIN_MS = 100;

export class Acceptor {
  readonly #runtime: Runtime;
  readonly #expected = new Map<string, Welcome>();
  #listener: Promise<Listener> | undefined;

  constructor(runtime: Runtime) {
    this.#runtime = runtime;
  }

  /** Opens the socket at the first call; after a failure, the next call tries again. */
  open(path: string): Promise<Listener> {
    if (this.#listener === undefined) {
      const opening = this.#runtime.listen(
        path,
        (channel) => this.#greet(channel),
        (tryAgain) => void this.#runtime.startTimer(ACCEPT_AGAIN_MS, tryAgain),
      );
      this.#listener = opening;
      opening.catch(() => {
        if (this.#listener === opening) this.#listener = undefined;
      });
    }
    return this.#listener;
  }

  /** Closes the socket, if it is open. */
  close(): void {
    const listener = this.#listener;
    this.#listener = undefined;
    listener?.then(
      (open) => open.close(),
      () => {}, // it never opened, and `open` has rejected
    );
  }

  /** Makes a token, and accepts one worker that shows it; `forget` revokes the token. */
  expect(welcome: Welcome): { readonly token: string; readonly forget: () => void } {
    const token = newToken();
    this.#expected.set(token, welcome);
    return { token, forget: () => void this.#expected.delete(token) };
  }

  /** Reads one frame, the Hello, and hands the connection over if its token is known. */
  #greet(channel: Channel): ChannelEvents {
    let events: ChannelEvents | undefined;
    let isRejected = false;
    const reject = () => {
      isRejected = true;
      channel.close();
    };
    const deadline = this.#runtime.startTimer(HELLO_MS, reject);
    // A worker waits for its Init before it says more, so one chunk never holds a second frame.
    const reader = new FrameReader(MAX_HELLO_BYTES, (type, _task, payload) => {
      deadline.cancel();
      const hello = parseHello(type, payload);
      const welcome = this.#expected.get(hello.token);
      if (welcome === undefined) return reject();
      this.#expected.delete(hello.token);
      events = welcome(channel, hello);
    });
    return {
      onData: (bytes) => {
        if (isRejected) return;
        if (events !== undefined) return events.onData(bytes);
        try {
          reader.push(bytes);
        } catch {
          reject(); // not one of our workers: nothing to report
        }
      },
      onClose: () => {
        deadline.cancel();
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

/** 128 random bits, so that no other process on this machine can guess it. */
function newToken(): string {
  return [...crypto.getRandomValues(new Uint8Array(16))]
    .map((byte) => byte.toString(16).padStart(2, "0"))
    .join("");
}
