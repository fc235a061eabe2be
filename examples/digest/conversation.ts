/**
 * The program's end of its talk with main.ts: a request comes in on stdin, messages go out on stdout. Also owns
 * what makes the program stop before its time: a signal, or a main.ts that is gone, seen by the end of stdin.
 */
import process from "node:process";
import type { ProgramMessage, ProgramRequest } from "./messages.ts";

export interface Conversation {
  readonly request: ProgramRequest;
  /** Aborted when nobody wants the result any more. */
  readonly stop: AbortSignal;
}

export function openConversation(): Promise<Conversation> {
  const stop = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => stop.abort());
  process.stdout.on("error", () => stop.abort());
  return new Promise((resolve, reject) => {
    let text = "";
    let isRequestRead = false;
    process.stdin.setEncoding("utf8");
    process.stdin.on("data", (piece) => {
      if (isRequestRead) return;
      text += piece;
      if (!text.endsWith("\n")) return;
      isRequestRead = true;
      resolve({ request: JSON.parse(text) as ProgramRequest, stop: stop.signal });
    });
    process.stdin.on("end", () => {
      stop.abort();
      reject(new Error("Expected one line of JSON on stdin, received none: this program is run by main.ts"));
    });
  });
}

/** Nothing more is to come from either side: what is left open here would keep the process alive. */
export function closeConversation(): void {
  process.stdin.pause(); // destroy() does not let go of it in Deno
}

export function send(message: ProgramMessage): void {
  process.stdout.write(`${JSON.stringify(message)}\n`);
}
