/**
 * Starts a host program in a runtime and talks with it. Owns that process and its temporary folder; what it is
 * told, and what is made of its answers, belongs to the measurements.
 */
import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { ROOT, type Runtime } from "@reapool/measuring/runtimes";
import { sourceEnvironment } from "@reapool/runtimes";
import { type HostMessage, MESSAGE_MARK } from "./hosts/messages.ts";
import { forget, remember } from "./started.ts";

export type Program = "bare" | "deaths" | "idle" | "matrix" | "orphans";

/** Far beyond what any step takes on a slow machine. */
const SILENCE_MS = 900_000;
const STDERR_KEPT = 2_000;

export interface HostOptions {
  readonly args?: readonly string[];
  /** A command that becomes, or starts, what follows it. */
  readonly prefix?: readonly string[];
}

export class Host {
  readonly pid: number;
  readonly #process: ChildProcessWithoutNullStreams;
  readonly #temporary: string;
  readonly #messages: HostMessage[] = [];
  #stderr = "";
  #hasEnded = false;
  #isSilent = false;
  #wake: () => void = () => {};
  readonly ended: Promise<void>;

  readonly #removeTemporary = (): void => rmSync(this.#temporary, { recursive: true, force: true });

  constructor(runtime: Runtime, program: Program, { args = [], prefix = [] }: HostOptions = {}) {
    const file = fileURLToPath(new URL(`./hosts/${program}.ts`, import.meta.url));
    const command = [...prefix, runtime.executable, ...runtime.flags, file, ...args];
    this.#temporary = mkdtempSync(join(tmpdir(), "prove-"));
    process.once("exit", this.#removeTemporary); // an interrupt is no reason to leave it there
    this.#process = spawn(command[0] as string, command.slice(1), {
      cwd: ROOT,
      env: { ...process.env, ...sourceEnvironment, DENO_NO_UPDATE_CHECK: "1", TMPDIR: this.#temporary },
    });
    if (this.#process.pid === undefined) throw new Error(`Cannot start ${runtime.label}`);
    this.pid = this.#process.pid;
    remember(this.pid);
    this.#process.stdin.on("error", () => {}); // it is gone: its end says more
    this.#process.stdout.resume();
    createInterface({ input: this.#process.stderr })
      .on("line", (line) => this.#onLine(line))
      .on("close", () => {
        this.#isSilent = true; // the host alone has this stream
        this.#wake();
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
    if (line.startsWith(MESSAGE_MARK)) this.#messages.push(JSON.parse(line.slice(MESSAGE_MARK.length)));
    else this.#stderr = `${this.#stderr}${line}\n`.slice(-STDERR_KEPT);
    this.#wake();
  }

  /** The next message. Rejects when the host ends without one, or says nothing for long. */
  async message<T extends HostMessage["type"]>(...types: T[]): Promise<Extract<HostMessage, { type: T }>> {
    const deadline = performance.now() + SILENCE_MS;
    for (;;) {
      const message = this.#messages.shift();
      if (message !== undefined) {
        if (types.some((type) => type === message.type)) return message as Extract<HostMessage, { type: T }>;
        throw new Error(`Expected a host to tell ${types}, received ${JSON.stringify(message)}`);
      }
      if (this.#isSilent) throw this.#failure(`the host ended before it told ${types.join(" or ")}`);
      if (performance.now() > deadline) throw this.#failure(`the host never told ${types.join(" or ")}`);
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, SILENCE_MS);
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  }

  /** What it wrote is for whoever sits in front of this: it may name paths, and results don't. */
  #failure(what: string): Error {
    if (this.#stderr !== "") console.error(this.#stderr);
    return new Error(what);
  }

  tell(command: string): void {
    this.#process.stdin.write(`${command}\n`);
  }

  /** From now on nobody reads its stdout. */
  closeOutput(): void {
    this.#process.stdout.destroy();
  }

  get socketFolders(): number {
    return readdirSync(this.#temporary).filter((name) => name.startsWith("reapool-")).length;
  }

  /** After its end, or to end it. */
  async dispose(): Promise<void> {
    if (!this.#hasEnded) this.#process.kill("SIGKILL");
    await this.ended;
    process.off("exit", this.#removeTemporary);
    this.#removeTemporary();
  }
}
