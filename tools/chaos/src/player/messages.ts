/** What a player and the program that started it tell each other, a line of JSON each: types, and the words that are fixed. */
import type { Program } from "../program.ts";

/** A line of a player's stdout that begins so is a message. */
export const MESSAGE_MARK = "@chaos ";

/** Arguments of a player: what its surroundings allow. */
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
  /** Of what it was expected. */
  readonly what: string;
  readonly expected: string;
  readonly received: string;
  /** The short program that it came in, or behind it, from 0 on. */
  readonly part?: number;
}

export type Command =
  | { readonly type: "play"; readonly number: number; readonly program: Program; readonly silence: number }
  /** What it holds, when it plays nothing. */
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
  /** Short ones count each. */
  readonly programs: number;
  readonly calls: number;
  /** What could not be done here, and why. */
  readonly skipped: readonly string[];
}

export interface Holdings {
  readonly descriptors: number;
  /** In bytes, after a collection where the runtime can be asked for one. */
  readonly heap: number;
  /** Processes below it, zombies included, other than the guard. */
  readonly processes: readonly string[];
}
