/**
 * The floor: the pool's frames over the pool's kind of socket, in the same runtime, without a pool. Bare workers
 * answer at once; a call is a callback in a list. No pool can be faster than this.
 */
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { CALL, CALL_BYTES, frameReader, frameWriter } from "../floor/frames.js";
import { listen } from "../floor/socket.js";
import { type Contender, type OpenOptions, type OpenPool, warmUp } from "./contender.ts";

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
    const { run, close } = await open(options);
    return { run, close };
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
  const send = (bytes: Uint8Array | undefined, done: (payload: Uint8Array) => void) => {
    let line = lines[0] as Line;
    for (const other of lines) if (other.waiting.size < line.waiting.size) line = other;
    line.waiting.set(++task, done);
    if (bytes === undefined) line.writer.empty(CALL, task, CALL_BYTES);
    else line.writer.value(CALL, task, bytes);
    if (isScheduled) return;
    isScheduled = true;
    queueMicrotask(flush);
  };
  const opened: OpenPool = {
    call: (_task, argument, done) => send(argument as Uint8Array | undefined, done),
    run: (_task, argument) =>
      new Promise((resolve) => send(argument instanceof Uint8Array ? argument : undefined, resolve)),
    close: async () => {
      for (const { pid } of processes) if (pid !== undefined) process.kill(pid, "SIGKILL");
      stopListening();
      rmSync(folder, { recursive: true, force: true });
    },
  };
  if (!cold) await warmUp(opened, workers);
  return opened;
}
