/**
 * The mark of a worker: one variable in its environment, which whatever it starts inherits. It is how a process that has left
 * the worker's group, or become a daemon, is found when the worker has ended (look-script.ts). PURE. Owns the names.
 *
 * The name holds the host's id, so that the marks of nested pools add up instead of replacing each other; the value is the
 * number of the start, which no other worker of that host ever has.
 */

/** What has this in its environment is no part of the worker that started it: a guard, or a tool's own daemon. */
export const OUTLIVES: { readonly REAPOOL_OUTLIVES: "1" } = Object.freeze({ REAPOOL_OUTLIVES: "1" });

/** A whole entry of an environment. */
const ENTRY = /^(REAPOOL_[a-z0-9]+)=(\d+)$/;

/**
 * The marks of the workers that a process is in, when its host is a worker itself. A worker of another user, which inherits
 * nothing else, needs them: what it starts belongs to the outer workers as well.
 *
 * @param environ What the process was started with, as /proc/self/environ has it.
 */
export function inheritedMarks(environ: string): Record<string, string> {
  const marks: Record<string, string> = {};
  for (const entry of environ.split("\0")) {
    const [, name, value] = ENTRY.exec(entry) ?? [];
    if (name !== undefined && value !== undefined) marks[name] = value;
  }
  return marks;
}

export class Marks {
  /** The variable of all workers of one host process: no other variable of ours has lower-case letters. */
  readonly name: string;
  #last = 0;

  /** @param id Lower-case letters and digits, different for each host process. */
  constructor(id: string) {
    this.name = `REAPOOL_${id}`;
  }

  /**
   * The environment of a worker with this value. That its host outlives says nothing of it: empty, and not taken away, for
   * which Deno would have to be allowed to read the host's environment.
   */
  variables(value: number): Record<string, string> {
    return { [this.name]: String(value), REAPOOL_OUTLIVES: "" };
  }

  /** The value for a worker that is about to be started. */
  next(): number {
    return ++this.#last;
  }
}
