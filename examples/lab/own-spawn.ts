/**
 * How a program starts a process in Node, Bun or Deno without a pool: each runtime's own API, in the plainest way.
 * The processes have no standard streams.
 */
import { spawn, spawnSync } from "node:child_process";

const { Bun, Deno } = globalThis as { Bun?: BunApi; Deno?: DenoApi };

/** Returns its pid. Calls back when the runtime has reaped it. */
export function start(file: string, args: readonly string[], onExit: () => void = () => {}): number {
  if (Bun !== undefined) {
    return Bun.spawn([file, ...args], { stdio: ["ignore", "ignore", "ignore"], onExit }).pid;
  }
  if (Deno !== undefined) {
    const started = new Deno.Command(file, { args, stdin: "null", stdout: "null", stderr: "null" }).spawn();
    void started.status.then(onExit);
    return started.pid;
  }
  const started = spawn(file, args, { stdio: "ignore" });
  started.on("exit", onExit);
  if (started.pid === undefined) throw new Error(`Cannot start ${file}`);
  return started.pid;
}

/** Blocks until it has ended: nothing else happens in this process until then. */
export function startAndWait(file: string, args: readonly string[]): void {
  if (Bun !== undefined) Bun.spawnSync([file, ...args], { stdio: ["ignore", "ignore", "ignore"] });
  else if (Deno !== undefined) new Deno.Command(file, { args, stdin: "null" }).outputSync();
  else spawnSync(file, args, { stdio: "ignore" });
}

/** A helper starts a process in the background and exits, so that no parent waits for that process any more. */
export function startOrphan(onHelperExit: () => void): void {
  start("sh", ["-c", "sleep 60 &"], onHelperExit);
}

/** As far as they are needed here. */
interface BunApi {
  spawn(command: string[], options: { stdio: string[]; onExit: () => void }): { readonly pid: number };
  spawnSync(command: string[], options: { stdio: string[] }): unknown;
}
interface DenoApi {
  Command: new (
    file: string,
    options: { args: readonly string[]; stdin: "null"; stdout?: "null"; stderr?: "null" },
  ) => {
    spawn(): { readonly pid: number; readonly status: Promise<unknown> };
    outputSync(): unknown;
  };
}
