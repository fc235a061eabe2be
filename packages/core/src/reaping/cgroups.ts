/**
 * The control groups of workers, where `worker.containment` is "cgroup": their names, and their end. Asks the guard to end one
 * when its worker has ended, whatever ended that; after the host's death the guard ends all (guard-script.ts). Owns the waiting;
 * how a worker enters its group and how one is ended is containment/cgroup-script.ts. Nothing here holds up a slot.
 */
import { FOLDER_NAME } from "../containment/cgroup-place.ts";
import { wasOutOfMemory } from "../containment/limits.ts";
import type { Runtime } from "../port/runtime.ts";
import { readText } from "../read-text.ts";
import { boundedWait } from "./bounded-wait.ts";
import type { Guard } from "./guard.ts";

export class Cgroups {
  readonly #runtime: Pick<Runtime, "startTimer" | "readFile">;
  readonly #guard: Pick<Guard, "holdCgroups" | "endCgroup">;
  readonly #id: string;
  /** Folders with the groups of this host's workers. */
  readonly #parents = new Set<string>();
  /** So often the last pool was closed: what is ended then is not what the next one makes. */
  #closed = 0;
  #ending = 0;
  #onEnded: (() => void)[] = [];

  /** @param id Different for each host process. */
  constructor(
    runtime: Pick<Runtime, "startTimer" | "readFile">,
    guard: Pick<Guard, "holdCgroups" | "endCgroup">,
    id: string,
  ) {
    this.#runtime = runtime;
    this.#guard = guard;
    this.#id = id;
  }

  /** The folder in which workers are about to have theirs; the guard knows it from now on. */
  parentIn(base: string): string {
    const parent = `${base}/${FOLDER_NAME}${this.#id}${this.#closed === 0 ? "" : `-${this.#closed}`}`;
    if (!this.#parents.has(parent)) {
      this.#parents.add(parent);
      this.#guard.holdCgroups(parent);
    }
    return parent;
  }

  /** The kernel has killed in it because it was at its own limit. Ask before its end. */
  wasOutOfMemory(folder: string): boolean {
    return wasOutOfMemory(readText(this.#runtime, `${folder}/memory.events`) ?? "");
  }

  /** Its worker has ended: what that has left goes with the group. */
  end(folder: string): void {
    this.#ending++;
    this.#guard.endCgroup(folder, () => {
      this.#ending--;
      if (this.#ending > 0) return;
      for (const tell of this.#onEnded.splice(0)) tell();
    });
  }

  /** Resolves when the groups of the workers that have ended by now are gone, or can't be ended. Keeps the host alive. */
  settled(): Promise<void> {
    if (this.#ending === 0) return Promise.resolve();
    return boundedWait(this.#runtime, (onDone) => void this.#onEnded.push(onDone));
  }

  /** The last pool is closed. */
  close(): Promise<void> {
    for (const parent of this.#parents) this.end(parent);
    this.#parents.clear();
    this.#closed++;
    return this.settled();
  }
}
