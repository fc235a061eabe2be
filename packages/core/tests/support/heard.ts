/** A Connection whose channel goes nowhere, and a list of what it makes of the frames that are fed to it. */
import { Connection, type ConnectionEvents } from "../../src/slot/connection.ts";
import { type Codec, type Hello, PROTOCOL_VERSION } from "../../src/wire/frame.ts";
import { RecordingChannel } from "./channel.ts";
import { frameBytes } from "./frames.ts";

/** The name of the event, without its `on`, and what came with it. */
export type Heard = readonly [event: string, ...details: unknown[]];

export const HELLO: Hello = { version: PROTOCOL_VERSION, token: "", runtime: "test 1", codec: "graph" };

export class Listening {
  readonly connection: Connection;
  readonly channel = new RecordingChannel();
  readonly heard: Heard[] = [];
  /** Called for each event, as an application's callback would be. */
  onEvent: ((event: string) => void) | undefined;

  constructor(codec: Codec = "graph") {
    // `onHeard` comes with all bytes and says nothing.
    const events = new Proxy({} as ConnectionEvents, {
      get: (_, name: string) => (name === "onHeard" ? () => {} : this.#note(name.slice(2))),
    });
    this.connection = new Connection(this.channel, { ...HELLO, codec }, events);
  }

  frame(type: number, task: number, payload: Iterable<number> | ArrayLike<number> = []): void {
    this.bytes(frameBytes({ type, task, payload: Uint8Array.from(payload as ArrayLike<number>) }));
  }

  bytes(bytes: Uint8Array): void {
    this.connection.channelEvents.onData(bytes);
  }

  #note(event: string): (...details: unknown[]) => void {
    return (...details) => {
      this.heard.push([event, ...details]);
      this.onEvent?.(event);
    };
  }
}
