/**
 * The leases of a host's workers as a file: the host writes it, the keeper reads it (keeper-script.ts). Owns its format: lines of
 * 64 bytes, the first `beats KEEPER COUNT`, with the number of the keeper that is wanted, or 0, and a count that changes with each
 * sign of life of the host; the others `HELD GROUP ENDING LEASE START ;` or blank. HELD is 1 while calls run. When what is
 * written is decided in leases.ts.
 *
 * A file, because each runtime writes one before it goes on: what is held is held before the call leaves the host.
 */
import type { OpenFile } from "../port/runtime.ts";

const LINE_BYTES = 64;

/** What a line says of one worker. */
export interface LeaseTerms {
  /** Its process group. */
  readonly group: number;
  /** What ends with it: all that has this mark, what is in this control group, or by default its process group alone. */
  readonly ending: { readonly mark: number } | { readonly cgroup: string } | undefined;
  /** So long the host may be silent while calls run, in ms. */
  readonly ms: number;
  /** When its leader was started, in the kernel's own unit; empty if unknown. */
  readonly start: string;
}

export class LeaseTable {
  readonly #lines: (string | undefined)[] = [];
  #file: OpenFile | undefined;
  #keeper = 0;
  #count = 0;

  /** Writes all of it into this file, and tells whoever reads the last one to leave. @throws Error when there is no space for it. */
  open(file: OpenFile, keeper: number): void {
    this.close();
    this.#keeper = keeper;
    this.#file = file;
    file.write(encode([this.#head, ...this.#lines.map((line) => toLine(line ?? ""))].join("")), 0);
  }

  /** Who reads it leaves. */
  close(): void {
    if (this.#file === undefined) return;
    this.#keeper = 0;
    this.beat();
    this.#file.close();
    this.#file = undefined;
  }

  /** Returns the number of its line. */
  add({ group, ending, ms, start }: LeaseTerms): number {
    const free = this.#lines.indexOf(undefined);
    const line = free === -1 ? this.#lines.length : free;
    const what = ending === undefined ? "-" : "mark" in ending ? ending.mark : `c${ending.cgroup}`;
    const text = `0 ${group} ${what} ${ms} ${start === "" ? "-" : start} ;`;
    this.#lines[line] = text;
    this.#write(toLine(text), line);
    return line;
  }

  remove(line: number): void {
    this.#lines[line] = undefined;
    this.#write(toLine(""), line);
  }

  hold(line: number, isHeld: boolean): void {
    const flag = isHeld ? "1" : "0";
    this.#lines[line] = `${flag}${this.#lines[line]?.slice(1)}`;
    this.#file?.write(isHeld ? ONE : ZERO, (line + 1) * LINE_BYTES);
  }

  /** The host lives. */
  beat(): void {
    this.#count++;
    this.#file?.write(encode(this.#head), 0);
  }

  get #head(): string {
    return toLine(`beats ${this.#keeper} ${this.#count}`);
  }

  #write(text: string, line: number): void {
    this.#file?.write(encode(text), (line + 1) * LINE_BYTES);
  }
}

const toLine = (text: string) => `${text.padEnd(LINE_BYTES - 1)}\n`;
const encode = (text: string) => new TextEncoder().encode(text);
const ZERO = encode("0");
const ONE = encode("1");
