/** The signals of the port, by Node's `process`. */
import { type Signal, STOP_SIGNALS, type StopSignal } from "@reapool/core";

export function onChildSignal(callback: () => void): () => void {
  process.on("SIGCHLD", callback);
  return () => void process.off("SIGCHLD", callback);
}

export function onStopSignal(callback: (name: StopSignal) => void): () => void {
  const listeners = STOP_SIGNALS.map((name) => [name, () => callback(name)] as const);
  for (const [name, listener] of listeners) process.on(name, listener);
  return () => {
    for (const [name, listener] of listeners) process.off(name, listener);
  };
}

/** What `signal` of a WorkerProcess does. */
export function signalGroup(pid: number | undefined, name: Signal): boolean | Error {
  try {
    return pid !== undefined && process.kill(-pid, name);
  } catch (error) {
    return (error as { code?: unknown }).code === "EPERM" && (error as Error); // ESRCH: nobody is left in the group
  }
}
