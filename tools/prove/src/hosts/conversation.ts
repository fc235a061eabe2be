/**
 * A host's end of its conversation with the program that started it: messages leave on stderr, commands arrive on
 * stdin.
 */
import { writeSync } from "node:fs";
import process from "node:process";
import { type HostMessage, MESSAGE_MARK } from "./messages.ts";

/** stdout is left alone: one of the measurements closes it. */
export function tell(message: HostMessage): void {
  writeSync(2, `${MESSAGE_MARK}${JSON.stringify(message)}\n`);
}

/** One word per line. At the end of stdin nothing is left that would end this process, so it ends itself. */
export function listen(commands: Readonly<Record<string, () => unknown>>): void {
  let text = "";
  process.stdin.setEncoding("utf8");
  process.stdin.on("data", (piece) => {
    text += piece;
    const lines = text.split("\n");
    text = lines.pop() ?? "";
    for (const line of lines) commands[line]?.();
  });
  process.stdin.on("end", () => process.exit());
}
