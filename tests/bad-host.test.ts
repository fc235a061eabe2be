/** A worker whose host violates the protocol ends, in bounded time, and says why. The host here is written by hand. */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, describe, expect, it } from "vitest";
import { adapter } from "./support/adapter.ts";

const Type = {
  Init: 1,
  Call: 2,
  Cancel: 3,
  Leave: 4,
  Pull: 5,
  Input: 6,
  InputEnd: 7,
  Hold: 10,
  Taken: 27,
  Bytes: 28,
};
const RESULT = 19;
const FAILURE = 20;
const READY = 17;

const u32 = (number: number) =>
  Buffer.from([number >>> 24, number >>> 16, number >>> 8, number].map((n) => n & 255));
const frame = (type: number, task: number, ...payload: Uint8Array[]) => {
  const body = Buffer.concat(payload);
  return Buffer.concat([u32(body.length + 5), Buffer.of(type), u32(task), body]);
};
const text = (kind: number, of: string) =>
  Buffer.concat([Buffer.of(kind), u32(Buffer.byteLength(of)), Buffer.from(of)]);
const json = (of: unknown) => text(1, JSON.stringify(of));
/** Of `add`, the first export. */
const call = (task: number, args: Uint8Array, { index = 0, flags = 0, inputs = [] as number[] } = {}) =>
  frame(Type.Call, task, Buffer.of(index >> 8, index & 255, flags, inputs.length, ...inputs), args);
const GOOD = call(1, json([1, 2]));

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

/** A test that fails must leave none behind. */
function kill({ pid, exitCode, signalCode }: ChildProcess): void {
  if (exitCode === null && signalCode === null) process.kill(pid as number, "SIGKILL");
}

/** Starts a worker, and tells it what a good host does until it is ready. */
async function startWorker() {
  const folder = mkdtempSync(join(tmpdir(), "bad-host-"));
  cleanups.push(() => rmSync(folder, { recursive: true }));
  const socketPath = join(folder, "socket");
  const journal = join(folder, "journal");
  writeFileSync(journal, "");
  const server = createServer();
  cleanups.push(() => server.close());
  server.listen(socketPath);
  await once(server, "listening");
  const module = new URL("./fixtures/work.ts", import.meta.url).href;
  const { file, args } = adapter.launcher().command({
    module,
    folder,
    socket: socketPath,
    execArgv: undefined,
    argv: [],
    cwd: undefined,
  });
  const env = { ...process.env, REAPOOL_SOCKET: socketPath, REAPOOL_TOKEN: "t" };
  const worker = spawn(file, [...args], { env, stdio: ["ignore", "ignore", "pipe"] });
  const exit = once(worker, "exit") as Promise<[number | null]>;
  cleanups.push(() => kill(worker));
  let stderr = "";
  worker.stderr.setEncoding("utf8").on("data", (said: string) => {
    stderr += said;
  });
  const [socket] = (await once(server, "connection")) as [Socket];
  cleanups.push(() => socket.destroy());
  const frames: number[] = [];
  let received = Buffer.alloc(0);
  let onFrame = () => {};
  socket.on("error", () => {});
  socket.on("data", (bytes) => {
    received = Buffer.concat([received, bytes]);
    while (received.length >= 4 && received.length >= 4 + received.readUInt32BE(0)) {
      frames.push(received[4] as number);
      received = received.subarray(4 + received.readUInt32BE(0));
    }
    onFrame();
  });
  const heard = async (...types: number[]) => {
    while (!frames.some((type) => types.includes(type))) {
      await new Promise<void>((resolve) => {
        onFrame = resolve;
      });
    }
    return frames.find((type) => types.includes(type));
  };
  const init = frame(Type.Init, 0, json({ module, workerId: 1, concurrency: 1, journal }));
  return { socket, heard, exit, init, said: () => stderr };
}

/** The place of `wait` among the exports, which are in order. */
const WAIT = 5;

const breaches: [string, Uint8Array][] = [
  ["no frames at all", Buffer.alloc(64, 255)],
  ["a length beyond the limit", Buffer.concat([u32(2 ** 31), Buffer.alloc(5)])],
  ["a type that does not exist", frame(99, 0)],
  ["a type that only workers send", frame(RESULT, 1, u32(0), json(1))],
  ["a second Init", frame(Type.Init, 0, json({}))],
  ["a Taken of nothing", frame(Type.Taken, 0)],
  ["the beginning of a Leave of 64 MiB", frame(Type.Leave, 0, Buffer.alloc(1)).fill(Buffer.of(4), 0, 1)],
  ["empty Bytes", frame(Type.Bytes, 0)],
  ["a Call of no export", call(1, json([]), { index: 60_000 })],
  ["a Call without a value", frame(Type.Call, 1, Buffer.of(0, 0, 0, 0))],
  ["a Call with flags that do not exist", call(1, json([]), { flags: 255 })],
  ["a Call of task 0", call(0, json([]))],
  ["a number that was used", Buffer.concat([GOOD, GOOD])],
  ["a Cancel of a call that was never made", frame(Type.Cancel, 9, Buffer.of(0, 0, 0, 0, 0))],
  ["an Input of no call", frame(Type.Input, 1, Buffer.of(0), json(1))],
  [
    "a Pull of 4294967295",
    Buffer.concat([
      call(1, json([60_000]), { index: WAIT, flags: 1 }),
      frame(Type.Pull, 1, u32(2 ** 32 - 1)),
    ]),
  ],
  [
    "a Pull of half a number",
    Buffer.concat([call(1, json([60_000]), { index: WAIT, flags: 1 }), frame(Type.Pull, 1, Buffer.of(0, 1))]),
  ],
];

describe("a worker ends at", () => {
  it.each(breaches)("%s", async (_, bytes) => {
    const { socket, heard, exit, init, said } = await startWorker();
    socket.write(init);
    await heard(READY);
    socket.write(bytes);
    expect((await exit)[0]).toBe(76);
    expect(said()).toContain("ProtocolError");
  });

  it.each([
    ["a Call", GOOD],
    ["a Hold", frame(Type.Hold, 0)],
  ])("%s before it is ready", async (_, bytes) => {
    const { socket, exit } = await startWorker();
    socket.write(bytes);
    expect((await exit)[0]).toBe(76);
  });
});

describe("a worker goes on, and fails the call alone, at", () => {
  it.each<[string, Uint8Array]>([
    ["no JSON", text(1, "{")],
    ["a kind that does not exist", text(9, "1")],
    ["three million lists within each other", text(1, "[".repeat(3_000_000))],
    ["a bigint of ten million digits", text(2, JSON.stringify([["bigint", "9".repeat(1e7)]]))],
    ["a pattern of classes", text(2, JSON.stringify([[1], ["regexp", "\\p{L}".repeat(100_000), "v"]]))],
    ["no list", json({ length: 2 })],
  ])("arguments that are %s", async (_, args) => {
    const { socket, heard, exit, init } = await startWorker();
    socket.write(init);
    await heard(READY);
    socket.write(call(1, args));
    expect(await heard(FAILURE, RESULT)).toBe(FAILURE);
    socket.write(call(2, json([1, 2])));
    expect(await heard(RESULT)).toBe(RESULT);
    socket.write(frame(Type.Leave, 0));
    expect((await exit)[0]).toBe(0);
  });
});

it.each(["whose folder is gone", "that has left its socket", "whose socket is no socket"])(
  "a worker of a host %s says so in a line, or nothing",
  async (what) => {
    const folder = mkdtempSync(join(tmpdir(), "bad-host-"));
    cleanups.push(() => rmSync(folder, { recursive: true }));
    const socket = join(folder, what === "whose folder is gone" ? "none/socket" : "socket");
    if (what === "whose socket is no socket") writeFileSync(socket, "");
    if (what === "that has left its socket") leaveSocket(socket);
    const module = fileURLToPath(import.meta.url);
    const asked = { module, folder, socket, execArgv: undefined, argv: [], cwd: undefined };
    const { file, args } = adapter.launcher().command(asked);
    const env = { ...process.env, REAPOOL_SOCKET: socket, REAPOOL_TOKEN: "t" };
    const worker = spawn(file, [...args], { env, stdio: ["ignore", "ignore", "pipe"] });
    cleanups.push(() => kill(worker));
    let said = "";
    worker.stderr.setEncoding("utf8").on("data", (text: string) => {
      said += text;
    });
    const [code] = await once(worker, "close");
    const isSilent = what !== "whose folder is gone"; // nobody listens
    expect([code, said.split("\n").length]).toEqual(isSilent ? [0, 1] : [69, 2]);
    if (!isSilent) expect(said).toContain(`to listen at ${socket}, received: `);
  },
);

/** As a host does that is killed. */
function leaveSocket(socket: string): void {
  const script = `require("node:net").createServer().listen(${JSON.stringify(socket)}, () => process.kill(process.pid, "SIGKILL"))`;
  spawnSync(
    process.execPath,
    "Deno" in globalThis
      ? [
          "eval",
          `import { createRequire } from "node:module"; const require = createRequire("file:///"); ${script}`,
        ]
      : ["-e", script],
  );
}

it("a worker that is not heard knocks again", async () => {
  const folder = mkdtempSync(join(tmpdir(), "bad-host-"));
  cleanups.push(() => rmSync(folder, { recursive: true }));
  const socket = join(folder, "socket");
  let knocks = 0;
  const server = createServer((connection) => {
    connection.on("error", () => {});
    connection.destroy();
    if (++knocks === 3) server.close(); // now its host is gone
  });
  server.listen(socket);
  const { file, args } = adapter.launcher().command({
    module: fileURLToPath(import.meta.url),
    folder,
    socket,
    execArgv: undefined,
    argv: [],
    cwd: undefined,
  });
  const env = { ...process.env, REAPOOL_SOCKET: socket, REAPOOL_TOKEN: "t" };
  const worker = spawn(file, [...args], { env, stdio: "ignore" });
  const exit = once(worker, "exit");
  cleanups.push(() => kill(worker));
  expect((await exit)[0]).toBe(0);
  expect(knocks).toBe(3);
});
