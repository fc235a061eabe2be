/** A player: reads programs from stdin, plays them in the runtime it runs in, and reports the outcomes on stdout. */
import { writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname } from "node:path";
import process from "node:process";
import { createInterface } from "node:readline";
import { adapter } from "./adapter.ts";
import { holdingsAtRest } from "./holdings.ts";
import { type Command, FEW_DESCRIPTORS, MESSAGE_MARK, type PlayerMessage, SMALL_FOLDER } from "./messages.ts";
import { play } from "./play.ts";

const unhandled: string[] = [];
const note = (what: string) => (error: unknown) => {
  const stack = error instanceof Error ? (error.stack ?? error.message) : typeof error;
  unhandled.push(`${what}: ${stack.split("\n").slice(0, 3).join(" ")}`);
};
process.on("unhandledRejection", note("unhandled rejection"));
process.on("uncaughtException", note("uncaught exception"));

const tell = (message: PlayerMessage): void =>
  void writeSync(1, `${MESSAGE_MARK}${JSON.stringify(message)}\n`);

async function stopHost(ms: number): Promise<void> {
  tell({ type: "stop", ms });
  await new Promise((resolve) => setTimeout(resolve, ms));
}

async function onCommand(command: Command): Promise<void> {
  if (command.type === "end") process.exit(0);
  if (command.type === "count") return tell({ type: "counted", ...(await holdingsAtRest()) });
  const { number, program, silence } = command;
  const stage = {
    createPool: adapter.createPool,
    silence,
    unhandled,
    stopHost,
    folder: dirname(tmpdir()),
    hasFewDescriptors: process.argv.includes(FEW_DESCRIPTORS),
    hasSmallFolder: process.argv.includes(SMALL_FOLDER),
  };
  try {
    tell({ type: "played", number, ...(await play(program, stage)) });
  } catch (error) {
    const breach = {
      kind: "player",
      what: "program",
      expected: "it to be played",
      received: String(error),
    } as const;
    tell({ type: "played", number, breaches: [breach], programs: 1, calls: 0, skipped: [] });
  }
}

createInterface({ input: process.stdin })
  .on("line", (line) => void onCommand(JSON.parse(line) as Command))
  .on("close", () => process.exit(0)); // nothing else is left that would end this process
tell({ type: "ready" });
