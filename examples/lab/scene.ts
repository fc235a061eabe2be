/**
 * The lab's side of one host: the process of a runtime that plays a scene (host.ts). Owns that process, and its
 * messages. lab.ts cleans up what it leaves behind.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { RELEASE_VARIABLE } from "./conversation.ts";
import { Fault, Unavailable } from "./fault.ts";
import { type RuntimeName, runtimeCommand } from "./runtimes.ts";
import { below, until, untilDead, untilGone } from "./watch.ts";

/** Makes what follows PID 1 of a namespace of its own, which ends with unshare. */
export const UNSHARE: readonly string[] = ["unshare", "--pid", "--fork", "--mount-proc", "--kill-child"];
const STDERR_KEPT = 500;
const HOST = fileURLToPath(new URL("./host.ts", import.meta.url));

export interface SceneOptions {
  readonly runtime: RuntimeName;
  /** The arguments of host.ts. */
  readonly scene: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  /** The folder for its files. */
  readonly folder: string;
  /** Whether it runs as PID 1. */
  readonly isInit: boolean;
}

let count = 0;

export class Scene {
  /** The host's pid, as seen from here. */
  pid = 0;
  version = "";
  /** A process whose namespaces to look from, if the host's pids differ from the lab's. */
  inside: number | undefined;
  readonly #process: ChildProcess;
  readonly #release: string;
  readonly #heard: { what: string; value: unknown }[] = [];
  #errors = "";

  /** Resolves when the host is there. Throws Unavailable where its runtime is not installed. */
  static async open(options: SceneOptions): Promise<Scene> {
    const scene = new Scene(options);
    scene.version = String(await scene.#hear("version"));
    const { pid } = scene.#process;
    scene.pid = (options.isInit ? below(pid ?? 0)[0]?.pid : pid) ?? 0;
    if (options.isInit) scene.inside = scene.pid;
    return scene;
  }

  private constructor({ runtime, scene, env, folder, isInit }: SceneOptions) {
    const command = runtimeCommand(runtime);
    if (command === undefined) throw new Unavailable("the runtime is not installed");
    this.#release = join(folder, `release-${++count}`);
    const [file = "", ...args] = [
      ...(isInit ? UNSHARE : []),
      ...[command.file, ...command.args, HOST, ...scene],
    ];
    this.#process = spawn(file, args, {
      env: { ...env, ...command.env, [RELEASE_VARIABLE]: this.#release },
      stdio: ["pipe", "pipe", "pipe"],
    });
    this.#process.on("error", (error) => {
      this.#errors += error.message;
    });
    this.#process.stdin?.on("error", () => {}); // it is gone: the code that waits for it reports that
    this.#process.stderr?.setEncoding("utf8").on("data", (text: string) => {
      this.#errors = (this.#errors + text).slice(-STDERR_KEPT);
    });
    if (this.#process.stdout === null) return;
    createInterface({ input: this.#process.stdout }).on("line", (line) => {
      this.#heard.push(JSON.parse(line) as { what: string; value: unknown });
    });
  }

  /**
   * The host's next message of this kind, mostly a pid. Throws Unavailable if the host says that it can't play the
   * scene.
   */
  async said(what: string): Promise<number> {
    return Number(await this.#hear(what));
  }

  async #hear(what: string): Promise<unknown> {
    const { value } = await until(`the host to say "${what}"`, () => {
      const can = this.#heard.find((message) => message.what === "unavailable");
      if (can !== undefined) throw new Unavailable(String(can.value));
      const index = this.#heard.findIndex((message) => message.what === what);
      if (index >= 0) return this.#heard.splice(index, 1)[0];
      if (this.#isOver)
        throw new Fault(
          `expected the host to say "${what}", it ended: ${this.#errors.trim().replaceAll(/\s+/g, " ")}`,
        );
      return undefined;
    });
    return value;
  }

  get #isOver(): boolean {
    const { pid, exitCode, signalCode } = this.#process;
    return pid === undefined || exitCode !== null || signalCode !== null;
  }

  /** An order to the host; the scene knows which. */
  order(): void {
    this.#process.stdin?.write("\n");
  }

  /** Unblocks the host's event loop. */
  release(): void {
    writeFileSync(this.#release, "");
  }

  /** SIGKILL; resolves when nothing is left of the host itself. */
  async kill(): Promise<void> {
    this.#process.kill("SIGKILL");
    const { pid } = this.#process;
    if (pid !== undefined) await untilGone(pid);
    if (this.inside !== undefined) await untilDead(this.inside); // its parent was unshare
  }
}
