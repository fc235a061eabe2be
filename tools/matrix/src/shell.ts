/** Runs one shell command to its end, or to its time limit. What it prints goes through files: whoever holds a pipe open can't delay the end. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export interface Ended {
  /** Null where a signal or the time limit has ended it. */
  readonly code: number | null;
  readonly isOverdue: boolean;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Where {
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  readonly timeoutMs: number;
}

export async function runShell(command: string, { cwd, env, timeoutMs }: Where): Promise<Ended> {
  const folder = mkdtempSync(join(tmpdir(), "matrix-output-"));
  const files = [join(folder, "stdout"), join(folder, "stderr")] as const;
  const [stdout, stderr] = files.map((file) => openSync(file, "w")) as [number, number];
  // A group of its own, so that all of it can be ended.
  const shell = spawn("/bin/sh", ["-c", command], {
    cwd,
    env,
    stdio: ["ignore", stdout, stderr],
    detached: true,
  });
  const end = () => {
    try {
      process.kill(-(shell.pid as number), "SIGKILL");
    } catch {
      // it has ended meanwhile
    }
  };
  let isOverdue = false;
  const timer = setTimeout(() => {
    isOverdue = true;
    end();
  }, timeoutMs);
  process.once("exit", end);
  const [code] = (await once(shell, "exit")) as [number | null];
  process.off("exit", end);
  clearTimeout(timer);
  for (const descriptor of [stdout, stderr]) closeSync(descriptor);
  const [said, warned] = files.map((file) => readFileSync(file, "utf8")) as [string, string];
  rmSync(folder, { recursive: true });
  return { code, isOverdue, stdout: said, stderr: warned };
}

/** For people: how it ended, and all that it has said. */
export function describeEnd(command: string, { code, isOverdue, stdout, stderr }: Ended): string {
  const end = isOverdue
    ? "was not over in time"
    : code === null
      ? "was ended by a signal"
      : `ended with ${code}`;
  return `\`${command}\` ${end}\n${stdout}${stderr}`.trimEnd();
}
