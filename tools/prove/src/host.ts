/**
 * Starts a host program in a runtime and talks to it. Owns that process and its temporary folder; the measurements
 * own what it is told, and what its answers mean.
 */
import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { Inbox } from "@reapool/measuring/inbox";
import { ROOT, type Runtime } from "@reapool/measuring/runtimes";
import { type HostMessage, MESSAGE_MARK } from "./hosts/messages.ts";
import { forget, remember } from "./started.ts";

export type Program = "bare" | "deaths" | "idle" | "matrix" | "moments" | "orphans";

/** Far longer than any step takes on a slow machine. */
const SILENCE_MS = 900_000;
const STDERR_KEPT = 2_000;

export interface HostOptions {
  readonly args?: readonly string[];
  /** A command that becomes, or starts, the command after it. */
  readonly prefix?: readonly string[];
}

export class Host {
  readonly pid: number;
  readonly #process: ChildProcessWithoutNullStreams;
  readonly #temporary: string;
  readonly #inbox = new Inbox<HostMessage>();
  #stderr = "";
  #hasEnded = false;
  readonly ended: Promise<void>;

  readonly #removeTemporary = (): void => rmSync(this.#temporary, { recursive: true, force: true });

  constructor(runtime: Runtime, program: Program, { args = [], prefix = [] }: HostOptions = {}) {
    const file = fileURLToPath(new URL(`./hosts/${program}.ts`, import.meta.url));
    const command = [...prefix, runtime.executable, ...runtime.flags, file, ...args];
    this.#temporary = mkdtempSync(join(tmpdir(), "prove-"));
    process.once("exit", this.#removeTemporary); // do not leave it behind on an interrupt
    this.#process = spawn(command[0] as string, command.slice(1), {
      cwd: ROOT,
      env: { ...process.env, DENO_NO_UPDATE_CHECK: "1", TMPDIR: this.#temporary },
    });
    if (this.#process.pid === undefined) throw new Error(`Cannot start ${runtime.label}`);
    this.pid = this.#process.pid;
    remember(this.pid);
    this.#process.stdin.on("error", () => {}); // it is gone: its exit says more
    this.#process.stdout.resume();
    createInterface({ input: this.#process.stderr })
      .on("line", (line) => this.#onLine(line))
      .on("close", () => {
        this.#inbox.end(); // only the host has this stream
      });
    this.ended = new Promise((resolve) => {
      this.#process.on("exit", () => {
        forget(this.pid);
        this.#hasEnded = true;
        resolve();
      });
    });
  }

  #onLine(line: string): void {
    if (line.startsWith(MESSAGE_MARK)) this.#inbox.add(JSON.parse(line.slice(MESSAGE_MARK.length)));
    else this.#stderr = `${this.#stderr}${line}\n`.slice(-STDERR_KEPT);
  }

  /** The next message. Rejects if the host ends without one, or is silent for too long. */
  async message<T extends HostMessage["type"]>(...types: T[]): Promise<Extract<HostMessage, { type: T }>> {
    const message = await this.#inbox.next(SILENCE_MS);
    if (message === "ended") throw this.#failure(`the host ended before it told ${types.join(" or ")}`);
    if (message === "silent") throw this.#failure(`the host never told ${types.join(" or ")}`);
    if (types.some((type) => type === message.type)) return message as Extract<HostMessage, { type: T }>;
    throw new Error(`Expected a host to tell ${types}, received ${JSON.stringify(message)}`);
  }

  /** Its output is only for the person at this terminal: it may contain paths, and results must not. */
  #failure(what: string): Error {
    if (this.#stderr !== "") console.error(this.#stderr);
    return new Error(what);
  }

  tell(command: string): void {
    this.#process.stdin.write(`${command}\n`);
  }

  /** From now on nothing reads its stdout. */
  closeOutput(): void {
    this.#process.stdout.destroy();
  }

  get socketFolders(): number {
    return readdirSync(this.#temporary).filter((name) => name.startsWith("reapool-")).length;
  }

  /** Cleans up after its end, or ends it. */
  async dispose(): Promise<void> {
    if (!this.#hasEnded) this.#process.kill("SIGKILL");
    await this.ended;
    process.off("exit", this.#removeTemporary);
    this.#removeTemporary();
  }
}
