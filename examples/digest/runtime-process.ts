/**
 * A process of one of the runtimes that runs program.ts: starts it, sends it its request, reads its messages. Owns
 * that process, and tells it to stop on an interrupt. launch.ts and second-act.ts own its purpose.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { ProgramMessage, ProgramRequest } from "./messages.ts";
import { type RuntimeName, runtimeCommand } from "./runtimes.ts";

export interface RuntimeProcess {
  /** Undefined if it could not be started: `ended` has the reason. */
  readonly pid: number | undefined;
  /** Ends when it sends no more. */
  readonly messages: AsyncIterable<ProgramMessage>;
  /** How it ended, as a phrase; also if it could not be started. */
  readonly ended: Promise<string>;
  /** SIGKILL. */
  kill(): void;
}

/** The value of `ended` when nothing went wrong. */
export const CLEAN_END = "exited with code 0";

/**
 * @param env Merged over this process's environment.
 * @returns undefined where the runtime is not installed.
 */
export function startProgram(
  runtime: RuntimeName,
  request: ProgramRequest,
  interrupt: AbortSignal,
  env: Readonly<Record<string, string>> = {},
): RuntimeProcess | undefined {
  const command = runtimeCommand(runtime);
  if (command === undefined) return undefined;
  const entry = fileURLToPath(new URL("./program.ts", import.meta.url));
  const program = spawn(command.file, [...command.args, entry], {
    env: { ...process.env, ...command.env, ...env },
    stdio: ["pipe", "pipe", "inherit"],
  });
  program.stdin.on("error", () => {}); // it ended before it read its request: its end says more
  program.stdin.write(`${JSON.stringify(request)}\n`);
  const onInterrupt = () => void program.kill("SIGTERM");
  interrupt.addEventListener("abort", onInterrupt, { once: true });
  const ended = endOf(program).finally(() => interrupt.removeEventListener("abort", onInterrupt));
  return {
    pid: program.pid,
    messages: readMessages(createInterface({ input: program.stdout })),
    ended,
    kill: () => void program.kill("SIGKILL"),
  };
}

async function* readMessages(lines: AsyncIterable<string>): AsyncGenerator<ProgramMessage> {
  for await (const line of lines) yield JSON.parse(line) as ProgramMessage;
}

async function endOf(program: ReturnType<typeof spawn>): Promise<string> {
  try {
    const [code, signal] = (await once(program, "exit")) as [number | null, string | null];
    return signal === null ? `exited with code ${code}` : `was ended by ${signal}`;
  } catch (error) {
    return `could not be started (${(error as Error).message})`;
  }
}
