/** What a worker writes to its streams: cut into lines for events, and its end kept for errors. */

/** Cuts bytes into lines; a last line without an end is given by `end()`. */
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
    for (const line of lines) this.#onLine(line.endsWith("\r") ? line.slice(0, -1) : line);
  }
}

/** Keeps the last bytes of a stream, whatever its length. */
export class Tail {
  readonly #maxBytes: number;
  #chunks: Uint8Array[] = [];
  #bytes = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  push(bytes: Uint8Array): void {
    this.#chunks.push(bytes.slice(-this.#maxBytes));
    this.#bytes += Math.min(bytes.length, this.#maxBytes);
    while (this.#bytes - (this.#chunks[0] as Uint8Array).length >= this.#maxBytes) {
      this.#bytes -= (this.#chunks.shift() as Uint8Array).length;
    }
  }

  /** The end of the stream as text, without a cut character or blank lines around it. */
  text(): string {
    const joined = new Uint8Array(this.#bytes);
    let at = 0;
    for (const chunk of this.#chunks) {
      joined.set(chunk, at);
      at += chunk.length;
    }
    const text = new TextDecoder().decode(joined.subarray(-this.#maxBytes));
    return text.replace(/^\uFFFD+/, "").trim();
  }
}
