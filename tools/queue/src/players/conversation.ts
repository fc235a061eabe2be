/** The end that a started process has of its conversation with the program that started it. */
import process from "node:process";
import { createInterface } from "node:readline";
import { MESSAGE_MARK, type Message, SETUP, type Setup } from "../messages.ts";

export const setup: Setup = JSON.parse(process.env[SETUP] ?? "null");

export function say(message: Message): void {
  process.stdout.write(`${MESSAGE_MARK}${JSON.stringify(message)}\n`);
}

/** A line each: a command and its arguments, as JSON. When there will be no more, nobody is left to end this process. */
export function listen(onCommand: (name: string, ...args: readonly string[]) => void): void {
  createInterface({ input: process.stdin })
    .on("line", (line) => {
      const [name = "", ...args] = JSON.parse(line) as string[];
      onCommand(name, ...args);
    })
    .on("close", () => process.exit(1));
}
