/** Starts a program in the runtime this test runs in. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { name } from "./adapter.ts";

const HOST = fileURLToPath(new URL("../fixtures/host.ts", import.meta.url));

export interface Host {
  readonly process: ChildProcess;
  /** What follows this text on a line of its output, once there is one. */
  said(text: string): Promise<string>;
  /** How it ended and everything it wrote. */
  readonly ended: Promise<{ code: number | null; signal: string | null; output: string }>;
}

export function startHost(env: NodeJS.ProcessEnv, ...scenario: string[]): Host {
  return startProgram([...(name === "deno" ? ["run", "-A"] : []), HOST, ...scenario], env);
}

export function startProgram(args: readonly string[], env: NodeJS.ProcessEnv = process.env): Host {
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "pipe"], env });
  let output = "";
  let onOutput: () => void = () => {};
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      output += text;
      onOutput();
    });
  }
  const ended = once(child, "close").then(([code, signal]) => {
    onOutput();
    return { code, signal, output };
  });
  return {
    process: child,
    ended,
    said: async (text) => {
      const line = new RegExp(`said ${text}(.*)\n`);
      while (!line.test(output)) {
        if (child.exitCode !== null)
          throw new Error(`Expected the host to say ${text}, it ended with: ${output}`);
        await new Promise<void>((resolve) => {
          onOutput = resolve;
        });
      }
      return line.exec(output)?.[1]?.trim() ?? "";
    },
  };
}
