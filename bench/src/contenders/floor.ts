/**
 * The floor: the pool's frames over the pool's kind of socket, in the same runtime, without a pool. Bare workers
 * answer at once; a call is a callback in a list. No pool can be faster than this.
 */
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { CALL, CALL_BYTES, frameReader, frameWriter, SPIN } from "../floor/frames.js";
import { listen } from "../floor/socket.js";
import { type Contender, type OpenOptions, type OpenPool, type TaskName, warmUp } from "./contender.ts";

const ECHO = fileURLToPath(new URL("../floor/echo.js", import.meta.url));
const FLAGS = "Deno" in globalThis ? ["run", "-A"] : [];

interface Line {
  readonly writer: ReturnType<typeof frameWriter>;
  readonly waiting: Map<number, (payload: Uint8Array) => void>;
}

export const floor: Contender = { isFloor: true, open };

/** Shows how much of the distance to the floor is due to the promise that a caller wants for each call. */
export const floorWithPromises: Contender = {
  isFloor: true,
  async open(options) {
    const { run, add, close } = await open(options);
    return { run, add, close };
  },
};

async function open({ workers, cold }: OpenOptions): Promise<OpenPool> {
  const folder = mkdtempSync(join(tmpdir(), "floor-"));
  const path = join(folder, "socket");
  const lines: Line[] = [];
  let onLine = () => {};
  const stopListening = await listen(path, (socket) => {
    const waiting: Line["waiting"] = new Map();
    const writer = frameWriter(socket.write);
    lines.push({ writer, waiting });
    onLine();
    return frameReader((task, payload) => {
      const done = waiting.get(task);
      waiting.delete(task);
      done?.(payload);
    });
  });
  const processes = Array.from({ length: workers }, () =>
    spawn(process.execPath, [...FLAGS, ECHO, path], { stdio: "ignore" }),
  );
  await new Promise<void>((resolve) => {
    onLine = () => {
      if (lines.length === (cold ? 1 : workers)) resolve();
    };
    onLine();
  });

  let task = 0;
  let isScheduled = false;
  const flush = () => {
    isScheduled = false;
    for (const { writer } of lines) writer.flush();
  };
  const send = (type: number, bytes: Uint8Array | undefined, done: (payload: Uint8Array) => void) => {
    let line = lines[0] as Line;
    for (const other of lines) if (other.waiting.size < line.waiting.size) line = other;
    line.waiting.set(++task, done);
    if (bytes === undefined) line.writer.empty(type, task, CALL_BYTES);
    else line.writer.value(type, task, bytes);
    if (isScheduled) return;
    isScheduled = true;
    queueMicrotask(flush);
  };
  const opened: OpenPool = {
    call: (name, argument, done) => send(typeOf(name), bytesOf(name, argument), done),
    run: (name, argument) =>
      new Promise((resolve) =>
        send(typeOf(name), bytesOf(name, argument), (payload) => resolve(answerOf(payload, argument))),
      ),
    add: () => new Promise((resolve) => send(CALL, ADD, resolve)),
    close: async () => {
      for (const { pid } of processes) if (pid !== undefined) process.kill(pid, "SIGKILL");
      stopListening();
      rmSync(folder, { recursive: true, force: true });
    },
  };
  if (!cold) await warmUp(opened, workers);
  return opened;
}

/** As many bytes as the pool sends for `add(10000, 1)`. */
const ADD = new Uint8Array(18);

const encoder = new TextEncoder();
const decoder = new TextDecoder();

const typeOf = (name: TaskName) => (name === "spin" ? SPIN : CALL);

/** Of what its bare worker does anything with. */
function bytesOf(name: TaskName, argument: unknown): Uint8Array | undefined {
  if (name === "spin") return Uint8Array.of(argument as number);
  if (name !== "echo" || argument === undefined) return undefined;
  if (argument instanceof Uint8Array) return argument;
  return encoder.encode(typeof argument === "string" ? argument : JSON.stringify(argument));
}

/** What was sent, from what came back. */
function answerOf(payload: Uint8Array, sent: unknown): unknown {
  if (sent instanceof Uint8Array) return payload;
  if (typeof sent === "string") return decoder.decode(payload);
  return typeof sent === "object" ? JSON.parse(decoder.decode(payload)) : undefined;
}
