/**
 * A process of one of the runtimes that runs program.ts: starts it, sends it its request, reads its messages. Owns
 * that process, and tells it to stop on an interrupt. launch.ts and second-act.ts own its purpose. Also knows how any
 * program of the examples is started in a runtime.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import * as runtimes from "@reapool/runtimes";
import type { ProgramMessage, ProgramRequest } from "./messages.ts";

export const RUNTIMES = ["node", "bun", "deno"] as const;
export type RuntimeName = (typeof RUNTIMES)[number];

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

const EXECUTABLES: Readonly<Record<RuntimeName, string | undefined>> = {
  node: runtimes.node24,
  bun: runtimes.bun,
  deno: runtimes.deno,
};
const FLAGS: Readonly<Record<RuntimeName, readonly string[]>> = { node: [], bun: [], deno: ["run", "-A"] };

/** How a runtime is started with a program of the examples. */
export interface RuntimeCommand {
  readonly file: string;
  /** The runtime's own arguments: the program and its arguments follow. */
  readonly args: readonly string[];
  readonly cwd: string;
  /** Merged over the caller's environment. */
  readonly env: Readonly<Record<string, string>>;
}

/** Undefined where the runtime is not installed. */
export function runtimeCommand(runtime: RuntimeName): RuntimeCommand | undefined {
  const file = EXECUTABLES[runtime];
  return file === undefined
    ? undefined
    : {
        file,
        args: FLAGS[runtime],
        cwd: fileURLToPath(new URL("../../", import.meta.url)), // where Deno finds its deno.json
        env: { ...runtimes.sourceEnvironment, DENO_NO_UPDATE_CHECK: "1" },
      };
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
  const entry = fileURLToPath(new URL(`./${runtime}.ts`, import.meta.url));
  const program = spawn(command.file, [...command.args, entry], {
    cwd: command.cwd,
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
