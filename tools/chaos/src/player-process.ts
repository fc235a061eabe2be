/**
 * Starts a player in a runtime and has it play programs. Owns that process, its folder and its deadlines; not what it
 * plays, nor what its answers mean.
 */
import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { ROOT, type Runtime } from "@reapool/measuring/runtimes";
import { sourceEnvironment } from "@reapool/runtimes";
import {
  type Command,
  type Holdings,
  MESSAGE_MARK,
  type Played,
  type PlayerMessage,
} from "./player/messages.ts";
import { type Program, partsOf } from "./program.ts";
import type { Surroundings } from "./surroundings.ts";

/**
 * Far longer than a program takes, or each short one on the same pools; a player that does not answer by then is
 * stuck itself.
 */
const ANSWER_MS = 120_000;
const MORE_ANSWER_MS = 1_000;
const STDERR_KEPT = 2_000;
const HERE = fileURLToPath(new URL(".", import.meta.url));

export interface PlayerOptions {
  /** A folder whose node_modules has the packages, instead of the sources. */
  readonly packages: string | undefined;
  /** What faults need. */
  readonly surroundings: Surroundings;
}

export class PlayerProcess {
  readonly #process: ChildProcessWithoutNullStreams;
  readonly #folder: string;
  readonly #playing = new Set<Promise<void>>();
  readonly #plays = new Map<number, (played: Played) => void>();
  #counted: (holdings: Holdings | undefined) => void = () => {};
  #hasEnded = false;
  #stderr = "";
  #end = "";
  #number = 0;
  readonly ended: Promise<void>;

  readonly #removeFolder = (): void => rmSync(this.#folder, { recursive: true, force: true, maxRetries: 3 });
  readonly #kill = (): void => void this.#process.kill("SIGKILL");

  constructor(runtime: Runtime, { packages, surroundings }: PlayerOptions) {
    this.#folder = mkdtempSync(join(tmpdir(), "chaos-"));
    const temporary = join(this.#folder, "tmp");
    mkdirSync(temporary);
    const sources = packages === undefined ? HERE : copySources(packages);
    const [file = "", ...args] = [
      ...surroundings.prefix,
      runtime.executable,
      ...flagsOf(runtime),
      join(sources, "player", "main.ts"),
      ...surroundings.args,
    ];
    this.#process = spawn(file, args, {
      cwd: packages ?? ROOT,
      env: {
        ...process.env,
        ...(packages === undefined && sourceEnvironment),
        DENO_NO_UPDATE_CHECK: "1",
        NODE_COMPILE_CACHE: compileCache(runtime),
        TMPDIR: temporary,
      },
    });
    process.once("exit", this.#kill); // do not leave it behind on an interrupt
    process.once("exit", this.#removeFolder);
    this.#process.stdin.on("error", () => {}); // it is gone: its exit says more
    this.#process.stderr.setEncoding("utf8").on("data", (text) => {
      this.#stderr = (this.#stderr + text).slice(-STDERR_KEPT);
    });
    createInterface({ input: this.#process.stdout }).on("line", (line) => this.#onLine(line));
    this.ended = new Promise((resolve) => {
      this.#process.on("error", (error) => this.#onEnd(error.message, resolve));
      this.#process.on("close", (code, signal) => this.#onEnd(`exit ${code ?? signal}`, resolve));
    });
  }

  #onLine(line: string): void {
    if (!line.startsWith(MESSAGE_MARK)) return;
    const message = JSON.parse(line.slice(MESSAGE_MARK.length)) as PlayerMessage;
    if (message.type === "played") this.#settle(message.number, message);
    if (message.type === "counted") this.#counted(message);
    if (message.type === "stop") {
      this.#process.kill("SIGSTOP");
      setTimeout(() => this.#process.kill("SIGCONT"), message.ms);
    }
  }

  #onEnd(how: string, resolve: () => void): void {
    this.#hasEnded = true;
    this.#end = how;
    for (const number of [...this.#plays.keys()]) this.#settle(number, this.#death());
    this.#counted(undefined);
    process.off("exit", this.#kill);
    process.off("exit", this.#removeFolder);
    this.#removeFolder();
    resolve();
  }

  #death(): Played {
    const received = `${this.#end}: ${this.#stderr.trim()}`;
    return {
      breaches: [{ kind: "player", what: "player", expected: "the host to live", received }],
      programs: 1,
      calls: 0,
      skipped: [],
    };
  }

  #settle(number: number, played: Played): void {
    this.#plays.get(number)?.(played);
    this.#plays.delete(number);
  }

  /**
   * @param silence After so many ms without anything, whatever has not settled hangs.
   * @param patience After so many ms without a message, the player itself is stuck.
   */
  play(program: Program, silence: number, patience: number = ANSWER_MS): Promise<Played> {
    if (this.#hasEnded) return Promise.resolve(this.#death());
    const number = ++this.#number;
    const played = new Promise<Played>((resolve) => {
      const timer = setTimeout(
        () => {
          this.#end = "no answer";
          this.#settle(number, this.#death());
          this.#kill();
        },
        patience + (partsOf(program).length - 1) * MORE_ANSWER_MS,
      );
      this.#plays.set(number, (played) => {
        clearTimeout(timer);
        resolve(played);
      });
      this.#tell({ type: "play", number, program, silence });
    });
    const playing: Promise<void> = played.then(() => void this.#playing.delete(playing));
    this.#playing.add(playing);
    return played;
  }

  /** What it holds; undefined if it has ended. Only while it plays nothing. */
  count(): Promise<Holdings | undefined> {
    if (this.#hasEnded) return Promise.resolve(undefined);
    return new Promise((resolve) => {
      this.#counted = resolve;
      this.#tell({ type: "count" });
    });
  }

  #tell(command: Command): void {
    this.#process.stdin.write(`${JSON.stringify(command)}\n`);
  }

  /** Ends it, at once or when the current programs are over. */
  async dispose(): Promise<void> {
    await Promise.all(this.#playing);
    this.#kill();
    await this.ended;
  }
}

function flagsOf({ name, flags }: Runtime): readonly string[] {
  if (name === "bun") return [];
  if (name === "deno") return ["run", "-A", "--v8-flags=--expose-gc"];
  return [...flags, "--expose-gc", "--disable-warning=ExperimentalWarning"];
}

/**
 * Node's compile cache, so that each worker need not compile again: a short program mostly waits for its workers to
 * start.
 */
function compileCache({ name }: Runtime): string {
  const folder = join(cacheRoot(), name);
  mkdirSync(folder, { recursive: true });
  return folder;
}

let cache: string | undefined;
function cacheRoot(): string {
  if (cache === undefined) {
    const folder = mkdtempSync(join(tmpdir(), "chaos-cache-"));
    process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
    cache = folder;
  }
  return cache;
}

const copies = new Map<string, string>();

/** Next to the packages, so that they are found from there. */
function copySources(packages: string): string {
  const known = copies.get(packages);
  if (known !== undefined) return known;
  const folder = mkdtempSync(join(packages, "chaos-"));
  process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
  for (const part of ["player", "program.ts"])
    cpSync(join(HERE, part), join(folder, part), { recursive: true });
  copies.set(packages, folder);
  return folder;
}
