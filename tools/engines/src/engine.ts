/** What a queue stands on: a Redis or a PostgreSQL that is there for the one who asked. Declares it; starts nothing. */

export const ENGINE_KINDS = ["redis", "postgres"] as const;
export type EngineKind = (typeof ENGINE_KINDS)[number];

export interface Engine {
  readonly kind: EngineKind;
  /** For people: `Redis 7.0.15`. */
  readonly label: string;
  /** With its password. It stays the same when the server is started again. */
  readonly url: string;
  /** Of the server; undefined while it is halted, and for one that was only given. */
  readonly pid: number | undefined;
  /** False for one that was only given: it can't be halted. */
  readonly isOwn: boolean;
  /** Ends the server at once, as a crash would. Its port, and what it has stored, stay its own. */
  halt(): Promise<void>;
  /** Starts it again after `halt`, on the same port. */
  resume(): Promise<void>;
  /** Ends the server and removes its folder. Leaves one that was only given alone. */
  stop(): Promise<void>;
}

export interface EngineOptions {
  /** What was stored is there again after `halt` and `resume`. Without it a Redis forgets all, which is quicker; default: true. */
  readonly isDurable?: boolean;
}
