/** What a task writes down outside of the queue: that it has begun, and that it has ended. One short write each. */
import { appendFileSync } from "node:fs";
import process from "node:process";
import { HOST, LEDGER } from "../messages.ts";

export function note(what: "start" | "finish", job: string | number): void {
  const { [LEDGER]: file = "", [HOST]: host = "?" } = process.env;
  appendFileSync(file, `${what} ${job} ${host} ${process.pid} ${Date.now()}\n`);
}
