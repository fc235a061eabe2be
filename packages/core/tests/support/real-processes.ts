/** Real processes for tests that need them: shells that lead a group, and what has become of them. */
import { type ChildProcess, type StdioOptions, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";

export const canSeeProcesses: boolean = existsSync("/proc/self/stat");

export interface Leader {
  readonly pid: number;
  /** The first line it wrote: it has come so far. */
  readonly said: string;
  /** The signal that ended it, or its code. */
  readonly ended: Promise<string | number>;
}

const started = new Map<number, Promise<unknown>>();

/** For `afterEach`: ends every group that was started, and waits until its leader is gone. */
export async function endGroups(): Promise<void> {
  for (const [pid, ended] of started) {
    killGroup(pid);
    await ended;
  }
  started.clear();
}

/** A process that leads a group of its own, which `endGroups` ends. */
export function startGroup(
  file: string,
  args: readonly string[],
  stdio: StdioOptions,
  env: NodeJS.ProcessEnv = process.env,
) {
  const leader = spawn(file, args, { stdio, env, detached: true });
  const pid = leader.pid as number;
  const ended = endOf(leader);
  started.set(pid, ended);
  return { process: leader, pid, ended };
}

/** Starts a shell that leads a group; its script says a line when it is ready. */
export async function startLeader(script: string): Promise<Leader> {
  const { process: shell, pid, ended } = startGroup("/bin/sh", ["-c", script], ["ignore", "pipe", "ignore"]);
  if (shell.stdout === null) throw new Error("Expected a pipe");
  const [bytes] = (await once(shell.stdout, "data")) as [Uint8Array];
  return { pid, said: new TextDecoder().decode(bytes).trim(), ended };
}

/** Whether it lives, so far as no signal is on its way to it: a SIGTERM comes after a SIGKILL that was sent before. */
export async function isSpared({ pid, ended }: Leader): Promise<boolean> {
  try {
    process.kill(pid, "SIGTERM");
  } catch {
    // it is gone
  }
  return (await ended) === "SIGTERM";
}

async function endOf(process: ChildProcess): Promise<string | number> {
  const [code, signal] = (await once(process, "exit")) as [number | null, string | null];
  return signal ?? (code as number);
}

function killGroup(leader: number): void {
  try {
    process.kill(-leader, "SIGKILL");
  } catch {
    // nobody is left in it
  }
}

/** One letter; undefined when it is gone. */
export function stateOf(pid: number): string | undefined {
  try {
    return /\) (\w) /.exec(readFileSync(`/proc/${pid}/stat`, "utf8"))?.[1];
  } catch {
    return undefined;
  }
}

/** A zombie does not: it waits to be collected. */
export function isRunning(pid: number): boolean {
  const state = stateOf(pid);
  return state !== undefined && state !== "Z";
}
