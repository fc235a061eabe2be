/**
 * A server's process: started, ended by its pid, and never left. A shell between it and this process waits for the end of its
 * own input, which comes however this process ends, then ends the server and removes its folder. Knows no engine.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";

/** So long may a server take to begin or to end, on a busy machine. */
const PATIENCE_MS = 60_000;
const LINES_KEPT = 20;

/**
 * Its arguments: the folder, the signal, and the command. The first line of its output is the pid of what it runs. The folder
 * is marked before the signal, as what waits for the end of the input is killed when the server has ended. What the shell itself
 * says of a kill goes nowhere: nobody may be left to read it, and it would die of that.
 */
const SCRIPT = `
folder=$1 signal=$2
shift 2
trap '' HUP INT TERM
exec 3<&0
"$@" </dev/null >&2 3<&- &
server=$!
{ read -r _; : >"$folder/abandoned"; kill -s "$signal" "$server"; } <&3 >/dev/null 2>&1 &
watcher=$!
echo "$server"
exec 3<&- >&- 2>/dev/null
wait "$server"
status=$?
kill -KILL "$watcher" 2>/dev/null
wait "$watcher"
[ ! -e "$folder/abandoned" ] || rm -rf "$folder"
exit "$status"
`;

export interface ServerCommand {
  /** Removed if this process ends first. */
  readonly folder: string;
  /** By which the server ends at once, with all that it has started. */
  readonly lastSignal: "KILL" | "QUIT";
  readonly command: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

export class Server {
  readonly #shell: ChildProcess;
  readonly #said: string[] = [];
  readonly ended: Promise<void>;
  #pid: number | undefined;
  #status: number | null | undefined;
  #onChange: () => void = () => {};

  constructor({ folder, lastSignal, command, env }: ServerCommand) {
    // Nothing of this process's environment: what a test or a package manager has put there is not for it.
    this.#shell = spawn("/bin/sh", ["-c", SCRIPT, "sh", folder, lastSignal, ...command], {
      cwd: "/",
      env: { PATH: process.env.PATH ?? "/usr/bin:/bin", LC_ALL: "C", ...env },
      stdio: ["pipe", "pipe", "pipe"],
      detached: true, // what a terminal sends to this process is for this process to act on
    });
    const { stdin, stdout, stderr } = this.#shell;
    stdin?.on("error", () => {}); // it is gone: its exit says more
    if (stdout !== null)
      createInterface({ input: stdout }).once("line", (line) => {
        this.#pid = Number(line);
        this.#onChange();
      });
    if (stderr !== null)
      createInterface({ input: stderr }).on("line", (line) => {
        this.#said.push(line);
        if (this.#said.length > LINES_KEPT) this.#said.shift();
        this.#onChange();
      });
    this.ended = new Promise((resolve, reject) => {
      this.#shell.once("error", reject);
      this.#shell.once("close", (status) => {
        this.#status = status;
        this.#pid = undefined;
        this.#onChange();
        resolve();
      });
    });
    this.ended.catch(() => {});
  }

  get pid(): number | undefined {
    return this.#pid;
  }

  /** Undefined until it has ended; null if a signal ended the shell. */
  get status(): number | null | undefined {
    return this.#status;
  }

  /** The last it has said. */
  get said(): string {
    return this.#said.join("\n");
  }

  /** @throws Error with what it has said, if it ends before a line that has this in it. */
  async untilSaid(words: string): Promise<void> {
    const deadline = performance.now() + PATIENCE_MS;
    while (this.#pid === undefined || !this.#said.some((line) => line.includes(words))) {
      if (this.#status !== undefined) throw new Error(`It ended before it was ready:\n${this.said}`);
      if (performance.now() > deadline) {
        await this.end("SIGKILL");
        throw new Error(`It was not ready after ${PATIENCE_MS / 1_000} s:\n${this.said}`);
      }
      await this.#change(deadline);
    }
  }

  async end(signal: NodeJS.Signals): Promise<void> {
    if (this.#pid !== undefined) kill(this.#pid, signal);
    const late = setTimeout(() => this.#pid !== undefined && kill(this.#pid, "SIGKILL"), PATIENCE_MS);
    await this.ended;
    clearTimeout(late);
  }

  async #change(deadline: number): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, Math.max(0, deadline - performance.now()));
      this.#onChange = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}

function kill(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // it was gone before the signal came
  }
}

/** Runs to its end. @throws Error with what it has said, if it fails. */
export async function runToEnd(command: ServerCommand): Promise<void> {
  const server = new Server(command);
  await server.ended;
  if (server.status !== 0) throw new Error(`${command.command.join(" ")} failed:\n${server.said}`);
}
