/**
 * Code that a worker's runtime can't parse: the error says in which file, line and column. where its message
 * does not say so, the adapter finds what the runtime knows of the place (WorkerHost.locate). Owns the words; changes no other error.
 */
import { messageOf } from "../message-of.ts";

/** Where a parser stopped. */
export interface SyntaxPlace {
  /** As the runtime names it: a path or a URL. */
  readonly file: string;
  /** From 1. */
  readonly line: number;
  /** From 1; undefined where the runtime knows only the line. */
  readonly column: number | undefined;
  /** What is wrong there, if the error itself does not say it. */
  readonly reason?: string;
}

/** Undefined for any error that is not of the runtime's parser. May throw: what it reads is not its own. */
export type Locate = (error: Error) => SyntaxPlace | undefined;

let locate: Locate = () => undefined;

export function installLocate(adapter: Locate): void {
  locate = adapter;
}

/** What was thrown; where it is the parser's, with the place in its message. Never throws. */
export function located(thrown: unknown, find: Locate = locate): unknown {
  try {
    if (!(thrown instanceof Error)) return thrown;
    const place = find(thrown);
    return place === undefined ? thrown : withPlace(thrown, place);
  } catch {
    return thrown;
  }
}

function withPlace(error: Error, { file, line, column, reason }: SyntaxPlace): Error {
  const place = `${file}:${line}${column === undefined ? "" : `:${column}`}`;
  const message = reason ?? messageOf(error);
  if (message.includes(place)) return error;
  const text = `${message} at ${place}`;
  if (error instanceof SyntaxError) {
    error.message = text; // with its class, its code and its stack, which shows the line
    return error;
  }
  const told = new SyntaxError(text);
  told.stack = `SyntaxError: ${text}`; // where it was made says nothing
  return told;
}
