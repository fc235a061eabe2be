/**
 * The list of process groups that the guard kills after the host's death, as a file: the host writes it, and the
 * guard reads it only then. Owns its format: lines of 32 bytes, `PID KIND START` or blank, and longer ones for folders of control
 * groups, `cgroups FOLDER`. When a group is added and removed is decided in process-group.ts.
 *
 * A file and not a pipe, because each runtime can write a file synchronously. Deno's writes to a pipe leave some
 * turns of the loop later, and what the host had not sent was lost with it [measured: six survivors in six].
 */
import type { OpenFile } from "../port/runtime.ts";
import type { Trace } from "../trace.ts";

const LINE_BYTES = 32;
/** Space for that many groups is allocated at once, so that a full disk is discovered at the start. */
const ROOM = 128;

export class GroupTable {
  readonly #file: OpenFile;
  readonly #trace: Trace | undefined;
  readonly #lineOf = new Map<number, number>();
  readonly #free: number[] = [];
  /** The size of the whole file. */
  #lines = ROOM;

  /**
   * @param groups Those to begin with, and what is said of them.
   * @param cgroups Folders of control groups to begin with.
   * @throws Error when there is no space for it; the file is closed then.
   */
  constructor(
    file: OpenFile,
    trace?: Trace,
    groups: ReadonlyMap<number, string> = new Map(),
    cgroups: Iterable<string> = [],
  ) {
    this.#file = file;
    this.#trace = trace;
    try {
      file.write(encode(blank.repeat(ROOM)), 0);
      for (let line = ROOM - 1; line >= 0; line--) this.#free.push(line);
      for (const [group, said] of groups) this.add(group, said);
      for (const folder of cgroups) this.addCgroups(folder);
    } catch (error) {
      file.close();
      throw error;
    }
  }

  /**
   * @param said `tree` or `group`, and when the leader was started, in the kernel's own unit; empty if unknown.
   * @throws Error when there is no space for it.
   */
  add(group: number, said: string): void {
    const line = this.#free.at(-1) ?? this.#lines;
    this.#file.write(encode(toLine(`${group} ${said}`)), line * LINE_BYTES);
    // Assigned only now, so that a failed write uses up no line.
    if (line === this.#lines) this.#lines++;
    else this.#free.pop();
    this.#lineOf.set(group, line);
    this.#trace?.guard(`line ${line}: ${group} ${said}`);
  }

  /** For as long as there is a table. @throws Error when there is no space for it. */
  addCgroups(folder: string): void {
    const line = encode(`cgroups ${folder}`);
    const lines = Math.ceil((line.length + 1) / LINE_BYTES);
    const bytes = encode(" ".repeat(lines * LINE_BYTES - 1).concat("\n"));
    bytes.set(line);
    this.#file.write(bytes, this.#lines * LINE_BYTES);
    this.#lines += lines;
    this.#trace?.guard(`cgroups in ${folder}`);
  }

  /** @throws Error when it could not be written: the line then stays until another group reuses it. */
  remove(group: number): void {
    const line = this.#lineOf.get(group);
    if (line === undefined) return;
    this.#lineOf.delete(group);
    this.#free.push(line);
    this.#file.write(encode(blank), line * LINE_BYTES);
    this.#trace?.guard(`line ${line}: blank, was ${group}`);
  }

  close(): void {
    this.#file.close();
  }
}

const toLine = (text: string) => `${text.padEnd(LINE_BYTES - 1)}\n`;
const blank = toLine("");
const encode = (text: string) => new TextEncoder().encode(text);
