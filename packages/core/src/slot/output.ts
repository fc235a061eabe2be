/**
 * What a worker writes to stdout and stderr: forwarded, split into lines, passed on in chunks or dropped, as the options say; a call that
 * hears it has it as well, and the end of stderr is kept for errors. Reads no pipe itself; the adapter delivers the bytes.
 */
import { isCaptured, type OutputMode } from "../options/worker-options.ts";
import type { OutputStream } from "../port/runtime.ts";
import type { OutputClock } from "./output-first.ts";

export interface OutputSinks {
  /** Calls back when everything that had arrived has been read. */
  afterTurn(callback: () => void): void;
  forward(stream: OutputStream, bytes: Uint8Array): void;
  /** All that comes, in every mode; the bytes are valid only during the call. */
  onRead(stream: OutputStream, bytes: Uint8Array): void;
  /** A line with `"capture"`, bytes with `"chunks"`. */
  onOutput(stream: OutputStream, output: string | Uint8Array): void;
}

/** Enough for a stack trace and some lines before it; small enough to keep for every worker. */
const STDERR_TAIL_BYTES = 8 * 1024;

export class WorkerOutput implements OutputClock {
  #reads = 0;
  readonly #modes: Readonly<Record<OutputStream, OutputMode>>;
  readonly #sinks: OutputSinks;
  readonly #stderr = new Tail(STDERR_TAIL_BYTES);
  readonly #lines: Readonly<Record<OutputStream, LineSplitter>>;

  constructor(modes: Readonly<Record<OutputStream, OutputMode>>, sinks: OutputSinks) {
    this.#modes = modes;
    this.#sinks = sinks;
    this.#lines = {
      stdout: new LineSplitter((line) => sinks.onOutput("stdout", line)),
      stderr: new LineSplitter((line) => sinks.onOutput("stderr", line)),
    };
  }

  reads(): number {
    return this.#reads;
  }

  afterTurn(callback: () => void): void {
    this.#sinks.afterTurn(callback);
  }

  /** Something it writes becomes events. */
  get isCaptured(): boolean {
    return isCaptured(this.#modes.stdout) || isCaptured(this.#modes.stderr);
  }

  /** The end of stderr, kept in every mode. */
  get stderrTail(): string {
    return this.#stderr.text();
  }

  push(stream: OutputStream, bytes: Uint8Array): void {
    this.#reads++;
    this.#sinks.onRead(stream, bytes);
    if (stream === "stderr") this.#stderr.push(bytes);
    switch (this.#modes[stream]) {
      case "inherit":
        this.#sinks.forward(stream, bytes);
        break;
      case "capture":
        this.#lines[stream].push(bytes);
        break;
      case "chunks":
        this.#sinks.onOutput(stream, new Uint8Array(bytes)); // a copy: the runtime may reuse its buffer, a listener keep it
        break;
      case "ignore":
        break;
    }
  }

  end(stream: OutputStream): void {
    this.#lines[stream].end();
  }
}

/** A worker that never ends a line must not fill the host's memory. In characters. */
const MAX_LINE_LENGTH = 1024 * 1024;

/** Splits bytes into lines, and a very long line into pieces; `end()` emits a last line without a newline. */
export class LineSplitter {
  readonly #decoder = new TextDecoder();
  readonly #onLine: (line: string) => void;
  #rest = "";

  constructor(onLine: (line: string) => void) {
    this.#onLine = onLine;
  }

  push(bytes: Uint8Array): void {
    this.#split(this.#decoder.decode(bytes, { stream: true }));
  }

  end(): void {
    this.#split(this.#decoder.decode());
    if (this.#rest !== "") this.#onLine(this.#rest);
    this.#rest = "";
  }

  #split(text: string): void {
    const lines = text.split("\n");
    lines[0] = this.#rest + lines[0];
    this.#rest = lines.pop() as string;
    if (this.#rest.length >= MAX_LINE_LENGTH) {
      lines.push(this.#rest);
      this.#rest = "";
    }
    for (const line of lines) this.#onLine(line.endsWith("\r") ? line.slice(0, -1) : line);
  }
}

/** Escape sequences that set colours: Deno writes them to a pipe too. They would garble an error's message. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: the sequence begins with a control character
const COLOURS = /\u001b\[[\d;]*m/g;

/** Keeps the last bytes of a stream, whatever its length. */
export class Tail {
  readonly #maxBytes: number;
  #chunks: Uint8Array[] = [];
  #bytes = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  push(bytes: Uint8Array): void {
    this.#chunks.push(new Uint8Array(bytes.subarray(-this.#maxBytes))); // a copy, unlike `slice` of a Node Buffer
    this.#bytes += Math.min(bytes.length, this.#maxBytes);
    while (this.#bytes - (this.#chunks[0] as Uint8Array).length >= this.#maxBytes) {
      this.#bytes -= (this.#chunks.shift() as Uint8Array).length;
    }
  }

  /** The end of the stream as text, without colours, a truncated character or surrounding blank lines. */
  text(): string {
    const joined = new Uint8Array(this.#bytes);
    let at = 0;
    for (const chunk of this.#chunks) {
      joined.set(chunk, at);
      at += chunk.length;
    }
    const text = new TextDecoder().decode(joined.subarray(-this.#maxBytes));
    return text
      .replace(/^\uFFFD+/, "")
      .replace(COLOURS, "")
      .trim();
  }
}
