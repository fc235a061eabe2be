/**
 * A small HTTP service with a pool, for a container: it answers, shows what PID 1 has to reap, and shuts down
 * gracefully. The same in every runtime.
 */
import { once } from "node:events";
import { createServer } from "node:http";
import process from "node:process";
import { createPool, listDescendants, type OrphanMode } from "reapool";
import type * as Work from "./work.ts";

/** `docker stop` sends SIGKILL 10 s after its signal. */
const CLOSE_MS = 8_000;

await serve();

async function serve(): Promise<void> {
  const { PORT = "8080", ORPHANS = "auto" } = process.env;
  const pool = createPool<typeof Work>(new URL("./work.ts", import.meta.url), {
    maxWorkers: 2,
    orphans: ORPHANS as OrphanMode, // "ignore" shows what happens to them without the pool
  });

  const answers: Record<string, (text: string) => Promise<unknown>> = {
    digest: (text) => pool.run("digest", [text]),
    orphan: () => pool.run("leaveOrphan"),
    processes: async () =>
      listDescendants().map(({ pid, parent, state, name }) => ({ pid, parent, state, name })),
  };
  const server = createServer(async ({ url = "/" }, response) => {
    const [name = "", text = ""] = url.slice(1).split("/");
    const answer = Object.hasOwn(answers, name) ? answers[name] : undefined;
    const [status, body]: [number, unknown] =
      answer === undefined
        ? [404, { error: `Expected one of ${Object.keys(answers).join(", ")}, received ${name}` }]
        : await answer(text).then(
            (value) => [200, value],
            (error: Error) => [500, { error: error.message }],
          );
    response.writeHead(status, { "content-type": "application/json", connection: "close" });
    response.end(`${JSON.stringify(body)}\n`);
  });
  // The kernel drops a signal that PID 1 does not listen for: without these, `docker stop` takes its 10 s. They
  // come before the line that says it listens: whoever reads that may stop it at once.
  const stopping = Promise.race(["SIGTERM", "SIGINT"].map((name) => once(process, name).then(() => name)));
  server.listen(Number(PORT));
  await once(server, "listening");
  console.log(`PID ${process.pid} listens at ${PORT}`);

  const signal = await stopping;
  server.close();
  await pool.close({ timeout: CLOSE_MS });
  console.log(`closed after ${signal}`);
}
