/**
 * The program's end of its conversation with main.ts: a request arrives on stdin, messages leave on stdout. Also owns
 * what stops the program early: a signal, or the end of stdin, which means that main.ts is gone.
 */
import process from "node:process";
import type { ProgramMessage, ProgramRequest } from "./messages.ts";

export interface Conversation {
  readonly request: ProgramRequest;
  /** Aborted when the result is no longer wanted. */
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

/** Call this when neither side will send more: anything left open here would keep the process alive. */
export function closeConversation(): void {
  process.stdin.pause(); // in Deno, destroy() does not release it
}

export function send(message: ProgramMessage): void {
  process.stdout.write(`${JSON.stringify(message)}\n`);
}
