import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { OutputMode } from "../../src/options/worker-options.ts";
import { LineSplitter, Tail, WorkerOutput } from "../../src/slot/output.ts";
import { cut } from "../support/frames.ts";

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);

/** The lines of the chunks, with and without what `end` adds. */
function split(chunks: readonly Uint8Array[]): string[] {
  const lines: string[] = [];
  const splitter = new LineSplitter((line) => lines.push(line));
  for (const chunk of chunks) {
    const lent = chunk.slice();
    splitter.push(lent);
    lent.fill(0x41); // an adapter may fill the same buffer again
  }
  splitter.end();
  return lines;
}

describe("lines", () => {
  test.each<[string, string, string[]]>([
    ["none of no text", "", []],
    ["one of a text without an end", "a", ["a"]],
    ["each without its end", "a\nb\n", ["a", "b"]],
    ["also the last, without an end", "a\nb", ["a", "b"]],
    ["empty ones too", "\n\na\n\n", ["", "", "a", ""]],
    ["without the \\r of Windows", "a\r\nb\r\n", ["a", "b"]],
    ["with a \\r inside, which a progress bar writes", "1%\r2%\r3%\n", ["1%\r2%\r3%"]],
    ["of any script", "é€😀\nß", ["é€😀", "ß"]],
  ])("are %s", (_, text, lines) => {
    expect(split([bytesOf(text)])).toEqual(lines);
  });

  test("come in pieces when they are longer than a megabyte, so that they can't fill the memory", () => {
    const chunk = bytesOf("x".repeat(600_000));
    const lines = split([chunk, chunk, chunk, bytesOf("end\n")]);
    expect(lines.map((line) => line.length)).toEqual([1_200_000, 600_003]);
  });

  test("are the same at every place the bytes can be split", () => {
    const bytes = bytesOf("a\r\né€😀\r\n\n\r\rß\nend");
    const whole = split([bytes]);
    expect(whole).toEqual(["a", "é€😀", "", "\r\rß", "end"]);
    for (let a = 0; a <= bytes.length; a++) {
      for (let b = a; b <= bytes.length; b++) expect(split(cut(bytes, [a, b]))).toEqual(whole);
    }
  });

  test("are the same however any text is split", () => {
    const text = fc
      .array(fc.constantFrom("a", "é", "😀", "\n", "\r", "\r\n", " "))
      .map((parts) => parts.join(""));
    fc.assert(
      fc.property(text, fc.array(fc.nat(60)), (written, places) => {
        const bytes = bytesOf(written);
        const expected = written.split("\n");
        const last = expected.pop();
        const lines = expected.map((line) => line.replace(/\r$/, ""));
        expect(split(cut(bytes, places))).toEqual(last === "" ? lines : [...lines, last]);
      }),
      { numRuns: 500 },
    );
  });

  test("come as soon as their end is there", () => {
    const lines: string[] = [];
    const splitter = new LineSplitter((line) => lines.push(line));
    splitter.push(bytesOf("a\nb"));
    expect(lines).toEqual(["a"]);
    splitter.push(bytesOf("\n"));
    expect(lines).toEqual(["a", "b"]);
  });

  test("of bytes that are no UTF-8 show where they were", () => {
    expect(split([Uint8Array.of(0x61, 0xff, 0x62, 0x0a)])).toEqual(["a\uFFFDb"]);
    expect(split([Uint8Array.of(0x61, 0xe2, 0x82)])).toEqual(["a\uFFFD"]);
  });

  test("come once: a second end adds nothing", () => {
    const lines: string[] = [];
    const splitter = new LineSplitter((line) => lines.push(line));
    splitter.push(bytesOf("a"));
    splitter.end();
    splitter.end();
    expect(lines).toEqual(["a"]);
  });
});

describe("the tail of a stream", () => {
  const tailOf = (chunks: readonly Uint8Array[], maxBytes: number): string => {
    const tail = new Tail(maxBytes);
    for (const chunk of chunks) {
      const lent = chunk.slice();
      tail.push(lent);
      lent.fill(0x41);
    }
    return tail.text();
  };

  test.each<[string, string[], string]>([
    ["empty when nothing was written", [], ""],
    ["all of it when it is short", ["ab", "cd"], "abcd"],
    ["all of it when it just fits", ["abcd", "efgh"], "abcdefgh"],
    ["the end of it when it is one byte too long", ["a", "bcdefghi"], "bcdefghi"],
    ["the end of one long chunk", ["abcdefghijkl"], "efghijkl"],
    ["the end across chunks", ["abcdef", "ghijkl"], "efghijkl"],
    ["without blank lines around it", ["\n\n a \n", "\n"], "a"],
    ["what comes after empty chunks", ["", "a", "", "b", ""], "ab"],
  ])("is %s", (_, chunks, expected) => {
    expect(tailOf(chunks.map(bytesOf), 8)).toBe(expected);
  });

  test("is the last bytes of any stream, however it is split", () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom(..."abcdefghij"), maxLength: 100 }),
        fc.array(fc.nat(100)),
        fc.integer({ min: 1, max: 40 }),
        (text, places, maxBytes) => {
          expect(tailOf(cut(bytesOf(text), places), maxBytes)).toBe(text.slice(-maxBytes));
        },
      ),
      { numRuns: 500 },
    );
  });

  test("begins with a whole character, wherever it is cut", () => {
    const bytes = bytesOf("a😀€éb");
    const tails = Array.from({ length: bytes.length }, (_, i) => tailOf([bytes], i + 1));
    expect(tails).toEqual(["b", "b", "éb", "éb", "éb", "€éb", "€éb", "€éb", "€éb", "😀€éb", "a😀€éb"]);
  });

  test("is read again and again, and goes on", () => {
    const tail = new Tail(4);
    tail.push(bytesOf("abc"));
    expect([tail.text(), tail.text()]).toEqual(["abc", "abc"]);
    tail.push(bytesOf("de"));
    expect(tail.text()).toBe("bcde");
  });

  test("has no colours in it", () => {
    expect(tailOf([bytesOf("\u001b[0m\u001b[1;31merror\u001b[0m: a [31m b")], 100)).toBe("error: a [31m b");
  });

  test.runIf("Buffer" in globalThis)("keeps nothing of a Buffer that the adapter fills again", () => {
    const chunk = (globalThis as never as { Buffer: { from(text: string): Uint8Array } }).Buffer.from("abc");
    const tail = new Tail(8);
    tail.push(chunk);
    chunk.fill(0x41);
    expect(tail.text()).toBe("abc");
  });
});

describe("the output of a worker", () => {
  function write(stdout: OutputMode, stderr: OutputMode): { heard: string[]; tail: string } {
    const heard: string[] = [];
    const output = new WorkerOutput(
      { stdout, stderr },
      {
        afterTurn: () => {},
        onRead: () => {},
        forward: (stream, bytes) => heard.push(`${stream} bytes ${new TextDecoder().decode(bytes)}`),
        onOutput: (stream, output) =>
          heard.push(
            typeof output === "string"
              ? `${stream} line ${output}`
              : `${stream} chunk ${new TextDecoder().decode(output)}`,
          ),
      },
    );
    output.push("stdout", bytesOf("a"));
    output.push("stderr", bytesOf("x"));
    output.push("stdout", bytesOf("b\nc"));
    output.push("stderr", bytesOf("y"));
    output.end("stdout");
    output.end("stderr");
    return { heard, tail: output.stderrTail };
  }

  test.each<[OutputMode, OutputMode, string[]]>([
    ["inherit", "inherit", ["stdout bytes a", "stderr bytes x", "stdout bytes b\nc", "stderr bytes y"]],
    ["capture", "capture", ["stdout line ab", "stdout line c", "stderr line xy"]],
    ["ignore", "ignore", []],
    ["chunks", "chunks", ["stdout chunk a", "stderr chunk x", "stdout chunk b\nc", "stderr chunk y"]],
    ["chunks", "capture", ["stdout chunk a", "stdout chunk b\nc", "stderr line xy"]],
    ["capture", "ignore", ["stdout line ab", "stdout line c"]],
    ["ignore", "inherit", ["stderr bytes x", "stderr bytes y"]],
  ])("with stdout %s and stderr %s goes where it should", (stdout, stderr, heard) => {
    expect(write(stdout, stderr).heard).toEqual(heard);
  });

  test("has its last stderr kept for errors in every mode", () => {
    for (const mode of ["inherit", "capture", "chunks", "ignore"] as const)
      expect(write(mode, mode).tail).toBe("xy");
  });

  test("has the last 8 KiB of stderr kept, and nothing of stdout", () => {
    const output = new WorkerOutput(
      { stdout: "ignore", stderr: "ignore" },
      { afterTurn: () => {}, onRead: () => {}, forward: () => {}, onOutput: () => {} },
    );
    output.push("stdout", bytesOf("out"));
    for (let i = 0; i < 100; i++)
      output.push("stderr", bytesOf(`${String(i).padStart(2, "0")}${"x".repeat(998)}`));
    const tail = output.stderrTail;
    expect(tail.length).toBe(8 * 1024);
    expect(tail.slice(-1_000, -998)).toBe("99");
  });
});
