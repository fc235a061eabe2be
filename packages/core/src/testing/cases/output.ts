/** What a worker writes, where it becomes events: before the result of the task that wrote it; raw, as chunks. */
import { setImmediate } from "node:timers";
import type { OutputChunk } from "../../pool/events.ts";
import { assert, assertEqual, type ContractCase, type FixturePool, withPool } from "../contract-case.ts";

const WAYS = ["log", "error", "stdout", "stderr", "descriptor"] as const;

/** What it has written so far, by either stream: lines or chunks. */
function listen(pool: FixturePool, mode: "capture" | "chunks"): () => string {
  let text = "";
  const decoder = new TextDecoder();
  const note = (part: string) => {
    text += part;
  };
  for (const stream of ["stdout", "stderr"] as const) {
    if (mode === "capture") pool.on(stream, ({ line }) => note(`${line}\n`));
    else pool.on(stream, ({ chunk }: OutputChunk) => note(decoder.decode(chunk, { stream: true })));
  }
  return () => text;
}

/** Longer than the shortest timer, in ms: a loop with such turns finds one due in each. */
const BUSY_TURN_MS = 1.5;

/** Turn follows turn, and in none has the loop to wait. */
export function busyLoop(now: () => number): () => void {
  let isOver = false;
  const turn = () => {
    for (const end = now() + BUSY_TURN_MS; now() < end; );
    if (!isOver) setImmediate(turn);
  };
  setImmediate(turn);
  return () => {
    isOver = true;
  };
}

export const outputCases: readonly ContractCase[] = [
  ...(["capture", "chunks"] as const).map(
    (mode): ContractCase => ({
      name: `output: what a task wrote is an event before its result, by ${mode}, whatever it wrote with`,
      async run(subject) {
        const worker = { stdout: mode, stderr: mode };
        await withPool(subject, { maxWorkers: 1, worker }, async (pool) => {
          const heard = listen(pool, mode);
          let expected = "";
          const check = (what: string) => {
            assertEqual([heard().length, heard().slice(-30)], [expected.length, expected.slice(-30)], what);
          };
          for (let round = 0; round < 60; round++) {
            for (const way of WAYS) {
              const text = `${way} ${round}`;
              expected += `${text}\n`;
              await pool.run("say", [way, text]);
              check(`after ${text}`);
            }
          }
          for (const way of WAYS) {
            const text = `${way} ${"x".repeat(1_000)}`.repeat(200);
            expected += `${text}\n`;
            await pool.run("say", [way, text]);
            check(`after ${text.length} characters of ${way}`);
          }
          await pool.run("say", ["log", "thrown", true]).catch(() => {});
          expected += "thrown\n";
          check("after an error");
        });
      },
    }),
  ),
  {
    name: "output: of many short tasks at once, each one's is an event before its result",
    run: (subject) =>
      withPool(subject, { maxWorkers: 2, worker: { stdout: "capture" } }, async (pool) => {
        const lines = new Set<string>();
        pool.on("stdout", ({ line }) => lines.add(line));
        const late: string[] = [];
        for (let round = 0; round < 5; round++) {
          const texts = Array.from({ length: 200 }, (_, i) => `${round}-${i}`);
          await Promise.all(
            texts.map(async (text) => {
              await pool.run("say", ["log", text]);
              if (!lines.has(text)) late.push(text);
            }),
          );
        }
        assert(late.length === 0, `Expected no line to come late, received ${late.join()}`);
      }),
  },
  {
    name: "output: is an event before the result also where the host's loop never rests",
    run: (subject) =>
      withPool(subject, { maxWorkers: 1, worker: { stdout: "capture", stderr: "chunks" } }, async (pool) => {
        const heard = listen(pool, "capture");
        const chunks = listen(pool, "chunks");
        const stop = busyLoop(subject.runtime.now);
        try {
          for (const way of [...WAYS, ...WAYS]) {
            const before = heard() + chunks();
            await pool.run("say", [way, way]);
            assert(heard() + chunks() !== before, `Expected a line of ${way} to come before its result`);
          }
        } finally {
          stop();
        }
      }),
  },
  {
    name: "output: of a worker that writes without end delays no result for long",
    run: (subject) =>
      withPool(subject, { maxWorkers: 1, worker: { stdout: "capture", stderr: "ignore" } }, async (pool) => {
        await pool.run("chatter", []);
        for (let i = 0; i < 20; i++) assertEqual(await pool.run("echo", [i]), i, "result");
      }),
  },
  {
    name: "output: chunks come at once, without the end of a line, and are bytes of the listener's own",
    run: (subject) =>
      withPool(subject, { maxWorkers: 1, worker: { stdout: "chunks", stderr: "ignore" } }, async (pool) => {
        const chunks: Uint8Array[] = [];
        pool.on("stdout", ({ chunk }: OutputChunk) => chunks.push(chunk));
        for (const part of ["10 %\r", "20 %\r", "é".slice(0, 1), "done"]) {
          chunks.length = 0;
          await pool.run("print", [part, ""]);
          const bytes = chunks.flatMap((chunk) => [...chunk]);
          assertEqual(new TextDecoder().decode(new Uint8Array(bytes)), part, "chunk");
          for (const chunk of chunks) {
            assertEqual(Object.getPrototypeOf(chunk) === Uint8Array.prototype, true, "a Uint8Array");
            assertEqual(chunk.byteLength, chunk.buffer.byteLength, "a buffer of its own");
          }
        }
      }),
  },
];
