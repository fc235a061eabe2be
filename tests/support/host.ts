/** Starts a program in the runtime this test runs in. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { afterEach } from "vitest";
import { name } from "./adapter.ts";

const fixture = (file: string) => fileURLToPath(new URL(`../fixtures/${file}`, import.meta.url));

export interface Host {
  readonly process: ChildProcess;
  /** What follows this text on a line of its output, once there is one. */
  said(text: string): Promise<string>;
  /** The first group of this pattern, once its output matches. */
  printed(pattern: RegExp): Promise<string>;
  /** How it ended and everything it wrote. */
  readonly ended: Promise<{ code: number | null; signal: string | null; output: string }>;
}

/** A test that fails must not leave its host running: with all its busy workers. */
const started = new Set<ChildProcess>();
afterEach(() => {
  for (const { pid } of started) process.kill(pid as number, "SIGKILL"); // Deno sends a second signal through kill() not at all
});

export function startHost(env: NodeJS.ProcessEnv, ...scenario: string[]): Host {
  return startProgram(programArguments("host.ts", ...scenario), env);
}

export function startDoomedHost(env: NodeJS.ProcessEnv, ...manner: string[]): Host {
  return startProgram(programArguments("doomed-host.ts", ...manner), env);
}

/** What follows the runtime's executable on the command line of a program among the fixtures. */
export function programArguments(file: string, ...more: string[]): string[] {
  return [...(name === "deno" ? ["run", "-A"] : []), fixture(file), ...more];
}

export function startProgram(args: readonly string[], env: NodeJS.ProcessEnv = process.env): Host {
  return startCommand(process.execPath, args, env);
}

/** Leads a group of its own, as a job of a shell does. */
export function startCommand(file: string, args: readonly string[], env: NodeJS.ProcessEnv): Host {
  const child = spawn(file, args, { stdio: ["ignore", "pipe", "pipe"], env, detached: true });
  started.add(child);
  child.once("exit", () => started.delete(child));
  let output = "";
  let hasEnded = false; // Deno sets signalCode when a signal is sent, whatever becomes of it
  let onOutput: () => void = () => {};
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      output += text;
      onOutput();
    });
  }
  const ended = once(child, "close").then(([code, signal]) => {
    hasEnded = true;
    onOutput();
    return { code, signal, output };
  });
  const printed = async (pattern: RegExp) => {
    while (!pattern.test(output)) {
      if (hasEnded) throw new Error(`Expected the host to print ${pattern}, it ended with: ${output}`);
      await new Promise<void>((resolve) => {
        onOutput = resolve;
      });
    }
    return pattern.exec(output)?.[1]?.trim() ?? "";
  };
  return { process: child, ended, printed, said: (text) => printed(new RegExp(`said ${text}(.*)\n`)) };
}
