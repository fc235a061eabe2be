/** The messages between a player and the program that started it, each a line of JSON: types, and fixed words. */
import type { Program } from "../program.ts";

/** A line of a player's stdout that begins so is a message. */
export const MESSAGE_MARK = "@chaos ";

/** Arguments of a player: what its environment allows. */
export const FEW_DESCRIPTORS = "--few-descriptors";
export const SMALL_FOLDER = "--small-folder";

/** What was broken. */
type BreachKind =
  | "hang"
  | "outcome"
  | "starts"
  | "progress"
  | "listeners"
  | "stats"
  | "processes"
  | "events"
  | "source"
  | "unhandled"
  | "leak"
  | "player";

export interface Breach {
  readonly kind: BreachKind;
  /** The thing it was expected of. */
  readonly what: string;
  readonly expected: string;
  readonly received: string;
  /** The short program that it came in, or after, from 0. */
  readonly part?: number;
}

export type Command =
  | { readonly type: "play"; readonly number: number; readonly program: Program; readonly silence: number }
  /** What it holds while it plays nothing. */
  | { readonly type: "count" }
  | { readonly type: "end" };

export type PlayerMessage =
  | { readonly type: "ready" }
  | ({ readonly type: "played"; readonly number: number } & Played)
  | ({ readonly type: "counted" } & Holdings)
  /** Stop this process for so many ms. */
  | { readonly type: "stop"; readonly ms: number };

export interface Played {
  readonly breaches: readonly Breach[];
  /** Short ones count individually. */
  readonly programs: number;
  readonly calls: number;
  /** Faults that were not possible here, and why. */
  readonly skipped: readonly string[];
}

export interface Holdings {
  readonly descriptors: number;
  /** In bytes, after a collection where the runtime can be asked for one. */
  readonly heap: number;
  /** Processes below it, zombies included, other than the guard. */
  readonly processes: readonly string[];
}
