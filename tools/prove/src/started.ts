/** The processes this program has started whose end it has not seen. Owns that none of them outlives this program. */
import { isRunning, look, type Process } from "./processes.ts";

const started = new Map<number, Pick<Process, "pid" | "startedAt">>();

export function remember(pid: number): void {
  const process = look(pid);
  if (process !== undefined) started.set(pid, process);
}

export function forget(pid: number): void {
  started.delete(pid);
}

/** SIGKILL, unless its pid belongs to another process by now. */
export function end(victim: Pick<Process, "pid" | "startedAt">): void {
  if (!isRunning(victim)) return;
  try {
    process.kill(victim.pid, "SIGKILL");
  } catch {
    // it was gone before the signal came
  }
}

process.on("exit", () => {
  for (const victim of started.values()) end(victim);
});
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => process.exit(130));
