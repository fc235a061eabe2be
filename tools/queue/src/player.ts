/**
 * A process that this program starts in some runtime, with the packages as they are built: a host or a producer. Owns its start,
 * its messages and its end. All that it starts in turn inherits the mark of this program, by which what is left over is found.
 */
import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { Inbox } from "@reapool/measuring/inbox";
import { ROOT, type Runtime } from "@reapool/measuring/runtimes";
import { HOST, LEDGER, MESSAGE_MARK, type Message, SETUP, type Setup } from "./messages.ts";

/** Nothing that works is silent for so long, even on a busy machine. */
const SILENCE_MS = 60_000;
const SAID_KEPT = 4_000;

export type Program = "host" | "producer" | "compared-host";

export const MARK: string = `QUEUE_MARK=${randomUUID()}`;
const [MARK_NAME = "", MARK_VALUE = ""] = MARK.split("=");

export interface PlayerOptions {
  readonly runtime: Runtime;
  readonly program: Program;
  readonly setup: Setup;
  /** The file that tasks note their runs in. */
  readonly ledger: string;
  readonly name: string;
  readonly env?: Readonly<Record<string, string>>;
}

export class Player {
  readonly name: string;
  readonly pid: number;
  /** The latest it has told of what has become of the jobs. */
  counts = { completed: 0, failed: 0 };
  readonly ended: Promise<void>;
  readonly #process: ChildProcessWithoutNullStreams;
  readonly #inbox = new Inbox<Message>();
  #said = "";
  #hasEnded = false;

  constructor({ runtime, program, setup, ledger, name, env }: PlayerOptions) {
    this.name = name;
    const file = fileURLToPath(new URL(`./players/${program}.ts`, import.meta.url));
    this.#process = spawn(runtime.executable, [...runtime.flags, file], {
      cwd: ROOT,
      env: {
        ...process.env,
        DENO_NO_UPDATE_CHECK: "1",
        NODE_NO_WARNINGS: "1",
        [MARK_NAME]: MARK_VALUE,
        [SETUP]: JSON.stringify(setup),
        [LEDGER]: ledger,
        [HOST]: name,
        ...env,
      },
    });
    if (this.#process.pid === undefined) throw new Error(`Cannot start ${runtime.label}`);
    this.pid = this.#process.pid;
    process.once("exit", this.#kill);
    this.#process.stdin.on("error", () => {}); // it is gone: its exit says more
    createInterface({ input: this.#process.stdout }).on("line", (line) => this.#onLine(line));
    createInterface({ input: this.#process.stderr }).on("line", (line) => this.#keep(line));
    this.ended = new Promise((resolve) => {
      this.#process.once("exit", () => {
        process.off("exit", this.#kill);
        this.#hasEnded = true;
        this.#inbox.end();
        resolve();
      });
    });
  }

  readonly #kill = (): void => {
    this.#process.kill("SIGKILL");
  };

  #onLine(line: string): void {
    if (!line.startsWith(MESSAGE_MARK)) {
      this.#keep(line);
      return;
    }
    const message: Message = JSON.parse(line.slice(MESSAGE_MARK.length));
    if (message.type === "counts") this.counts = message;
    else this.#inbox.add(message);
  }

  #keep(line: string): void {
    this.#said = `${this.#said}${line}\n`.slice(-SAID_KEPT);
  }

  /** The next message, which has to be of this type. @throws Error with the last it has said, if it ends or is silent. */
  async message<T extends Message["type"]>(
    type: T,
    silence: number = SILENCE_MS,
  ): Promise<Extract<Message, { type: T }>> {
    const message = await this.#inbox.next(silence);
    if (message === "ended") throw this.#failure(`ended before it told ${type}`);
    if (message === "silent") throw this.#failure(`never told ${type}`);
    if (message.type !== type) throw this.#failure(`told ${message.type} in place of ${type}`);
    return message as Extract<Message, { type: T }>;
  }

  #failure(what: string): Error {
    return new Error(`${this.name} ${what}${this.#said === "" ? "" : `: ${this.#said.trim()}`}`);
  }

  tell(...command: readonly string[]): void {
    this.#process.stdin.write(`${JSON.stringify(command)}\n`);
  }

  signal(signal: "SIGKILL" | "SIGTERM" | "SIGSTOP" | "SIGCONT"): void {
    if (!this.#hasEnded) this.#process.kill(signal);
  }

  async kill(): Promise<void> {
    this.signal("SIGKILL");
    await this.ended;
  }
}
