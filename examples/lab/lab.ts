/**
 * The tools of an experiment: hosts, a record of what is done and seen, and a clean-up. Owns everything that is
 * started for one experiment in one runtime; nothing of it is left afterwards.
 */
import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { listProcesses } from "reapool/testing";
import { type Listing, list } from "./ps.ts";
import type { RuntimeName } from "./runtimes.ts";
import { Scene } from "./scene.ts";
import { until } from "./watch.ts";

/** One thing that was done, and what was there after it. */
export interface Step extends Listing {
  readonly text: string;
}

/**
 * Everything this lab starts has this in its environment: it identifies an orphan although nothing else links it to
 * us.
 */
const MARK = `LAB_MARK=${randomUUID()}`;

export class Lab {
  readonly runtime: RuntimeName;
  readonly steps: Step[] = [];
  version: string | undefined;
  readonly #folder: string;
  readonly #onStep: (step: Step) => void;
  readonly #scenes: Scene[] = [];

  constructor(runtime: RuntimeName, folder: string, onStep: (step: Step) => void) {
    this.runtime = runtime;
    this.#folder = folder;
    this.#onStep = onStep;
  }

  /** A host without a pool. */
  without(...scene: readonly string[]): Promise<Scene> {
    return this.#open(["without", ...scene], false);
  }

  /** A host that uses what this repository ships. */
  with(...scene: readonly string[]): Promise<Scene> {
    return this.#open(["with", ...scene], false);
  }

  /** As PID 1 of its own namespace. */
  asInit(...scene: readonly string[]): Promise<Scene> {
    return this.#open(scene, true);
  }

  async #open(scene: readonly string[], isInit: boolean): Promise<Scene> {
    const [name = "", value = ""] = MARK.split("=");
    const env = { ...process.env, [name]: value, TMPDIR: this.#folder };
    const opened = await Scene.open({ runtime: this.runtime, scene, env, folder: this.#folder, isInit });
    this.#scenes.push(opened);
    this.version = opened.version;
    return opened;
  }

  /** Shows these processes, if they exist. */
  async show(
    text: string,
    pids: readonly number[],
    { inside }: { inside?: number | undefined } = {},
  ): Promise<void> {
    const step = { text, ...(await list(pids, inside)) };
    this.steps.push(step);
    this.#onStep(step);
  }

  /** Kills the hosts, then whatever they have left, each by its pid. */
  async sweep(): Promise<void> {
    for (const scene of this.#scenes.splice(0)) await scene.kill();
    await until("everything the lab started to end", () => killMarked() === 0);
  }
}

/** Kills what any experiment has left running; returns how many there were. */
export function killMarked(): number {
  const marked = listProcesses().filter(({ pid, state }) => state !== "Z" && isMarked(pid));
  for (const { pid } of marked) {
    try {
      process.kill(pid, "SIGKILL");
    } catch {
      // it has ended by itself
    }
  }
  return marked.length;
}

function isMarked(pid: number): boolean {
  try {
    return readFileSync(`/proc/${pid}/environ`, "latin1").split("\0").includes(MARK);
  } catch {
    return false; // gone, or not ours to read
  }
}
