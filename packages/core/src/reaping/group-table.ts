/**
 * The list of process groups that the guard kills after the host's death, as a file: the host writes it, the
 * guard reads it then and only then. Owns its form: lines of 32 bytes, `PID START` or blank.
 *
 * A file and not a pipe, because each runtime can write one before it goes on. Deno's writes to a pipe leave some
 * turns of the loop later, and what the host had not sent was lost with it [measured: six survivors in six].
 */
import type { OpenFile } from "../port/runtime.ts";

const LINE_BYTES = 32;
/** Room for that many groups is taken at once, so that a full disk is found out at the start. */
const ROOM = 128;

export class GroupTable {
  readonly #file: OpenFile;
  readonly #lineOf = new Map<number, number>();
  readonly #free: number[] = [];
  /** Of the whole file. */
  #lines = ROOM;

  /** @throws Error when there is no room for it; the file is closed then. */
  constructor(file: OpenFile) {
    this.#file = file;
    try {
      file.write(encode(blank.repeat(ROOM)), 0);
    } catch (error) {
      file.close();
      throw error;
    }
    for (let line = ROOM - 1; line >= 0; line--) this.#free.push(line);
  }

  /**
   * @param start When the leader was started, in the kernel's own measure; empty where it is not known.
   * @throws Error when there is no room for it.
   */
  add(group: number, start: string): void {
    const line = this.#free.at(-1) ?? this.#lines;
    this.#file.write(encode(toLine(`${group} ${start}`)), line * LINE_BYTES);
    // Taken only now: a write that fails costs no line.
    if (line === this.#lines) this.#lines++;
    else this.#free.pop();
    this.#lineOf.set(group, line);
  }

  /** @throws Error when it could not be written: the line stays as it is until another group needs it. */
  remove(group: number): void {
    const line = this.#lineOf.get(group);
    if (line === undefined) return;
    this.#lineOf.delete(group);
    this.#free.push(line);
    this.#file.write(encode(blank), line * LINE_BYTES);
  }

  close(): void {
    this.#file.close();
  }
}

const toLine = (text: string) => `${text.padEnd(LINE_BYTES - 1)}\n`;
const blank = toLine("");
const encode = (text: string) => new TextEncoder().encode(text);
