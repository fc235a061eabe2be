/**
 * HTML to PDF or PNG over HTTP, in a pool of browsers. Owns the limits, and which answer a failure is; the browsers are
 * the workers' (render.ts). The same in every runtime.
 */
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { createPool, listZombies } from "reapool";
import type * as Render from "./render.ts";

const MIB = 2 ** 20;
const MAX_HTML = 2 * MIB;
/** `docker stop` sends SIGKILL 10 s after its signal. */
const CLOSE_MS = 8_000;
const TYPES = { png: "image/png", pdf: "application/pdf" } as const;

/** What a failed call is to the client; a document that can't be rendered is anything else. */
const STATUSES: Record<string, number> = {
  ERR_QUEUE_FULL: 503,
  ERR_QUEUE_TIMEOUT: 503,
  ERR_POOL_CLOSED: 503,
  ERR_WORKER_START: 503,
  ERR_CRASH_LOOP: 503,
  ERR_TASK_TIMEOUT: 504,
  ERR_WORKER_EXIT: 502,
};

await serve();

async function serve(): Promise<void> {
  const { HOST = "127.0.0.1", PORT = "8080", BROWSERS = "2", TIMEOUT = "10000" } = process.env;
  const { CHROMIUM = "/usr/bin/chromium", CHROMIUM_FLAGS = "" } = process.env;
  const profiles = await mkdtemp(join(tmpdir(), "profiles-"));
  const pool = createPool<typeof Render>(new URL("./render.ts", import.meta.url), {
    minWorkers: 1,
    maxWorkers: Number(BROWSERS),
    maxQueue: 20, //               one more is told at once to come back later
    queueTimeout: 15_000, //       a browser may have to start first
    timeout: Number(TIMEOUT), //   a document that takes longer ends with its worker and its browser
    killTimeout: 1_000,
    recycle: { tasks: 500 }, //    a browser grows
    worker: {
      data: {
        executable: CHROMIUM,
        flags: ["--js-flags=--max-old-space-size=256", ...CHROMIUM_FLAGS.split(" ").filter(Boolean)],
        profiles,
      } satisfies Render.Settings,
      limits: { memory: 512 * MIB }, //   of the worker itself; of a document's scripts, above
    },
  });
  const remove = (folder: string) => rm(folder, { recursive: true, force: true, maxRetries: 5 });
  const removals = new Set<Promise<void>>();
  // A worker that was killed could not do it.
  pool.on("exit", ({ worker: { pid } }) => {
    const removal = remove(join(profiles, String(pid))).catch(() => {});
    removals.add(removal);
    void removal.then(() => removals.delete(removal));
  });

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const name = (request.url ?? "/").slice(1);
    if (name === "health") {
      const { live, busy, queued } = pool.stats();
      return reply(response, 200, { live, busy, queued, zombies: listZombies().length });
    }
    if (name !== "png" && name !== "pdf") {
      return reply(response, 404, { error: "Expected /png, /pdf or /health" });
    }
    if (request.method !== "POST")
      return reply(response, 405, { error: "Expected POST, with HTML as its body" });
    const html = await readBody(request);
    if (html === undefined)
      return reply(response, 413, { error: `Expected at most ${MAX_HTML} bytes of HTML` });
    const gone = new AbortController();
    response.once("close", () => gone.abort());
    // A document changes nothing: when its worker dies, another may try it, once.
    const bytes = await pool.run(name, [html], { signal: gone.signal, retries: 1 });
    response.writeHead(200, { "content-type": TYPES[name] }).end(bytes);
  }

  const server = createServer((request, response) => {
    answer(request, response).catch((error: Error & { code?: string }) => {
      if (response.destroyed) return; // nobody waits for it any more
      reply(response, STATUSES[error.code ?? ""] ?? 422, { error: error.message });
    });
  });
  // The kernel drops a signal that PID 1 does not listen for: without these, `docker stop` takes its 10 s. They
  // come before the line that says it listens: whoever reads that may stop it at once.
  const stopping = Promise.race(["SIGTERM", "SIGINT"].map((name) => once(process, name).then(() => name)));
  await pool.ready(); // where no browser starts, it says so and ends
  server.listen(Number(PORT), HOST);
  await once(server, "listening");
  console.log(`PID ${process.pid} listens at http://${HOST}:${(server.address() as AddressInfo).port}`);

  const signal = await stopping;
  server.close();
  await pool.close({ timeout: CLOSE_MS });
  await Promise.all(removals); // in Bun, what is removed twice at the same time may stay
  await remove(profiles);
  console.log(`closed after ${signal}`);
}

/** Undefined if it is too long; what comes behind that is not read. */
async function readBody(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > MAX_HTML) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

function reply(response: ServerResponse, status: number, body: object): void {
  const headers = { "content-type": "application/json", ...(status === 503 ? { "retry-after": "1" } : {}) };
  response.writeHead(status, status === 413 ? { ...headers, connection: "close" } : headers);
  response.end(`${JSON.stringify(body)}\n`);
}
