/** The engines that queues stand on: a server that starts, keeps what it was told, and leaves nothing behind. */
import { once } from "node:events";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { connect } from "node:net";
import { ENGINE_KINDS, type Engine, startEngine, whyNo } from "@reapool/engines";
import { afterEach, describe, expect, test, vi } from "vitest";
import { programArguments, startProgram } from "./support/host.ts";
import { alive, until } from "./support/processes.ts";

/** The engines make their folders in it. */
const folder = mkdtempSync("/tmp/engines-");
const engines: Engine[] = [];

afterEach(async () => {
  vi.unstubAllEnvs();
  for (const engine of engines.splice(0)) await engine.stop();
});
process.once("exit", () => rmSync(folder, { recursive: true, force: true }));

const environment = { ...process.env, TMPDIR: folder };
async function start(kind: "redis" | "postgres", options = {}): Promise<Engine> {
  vi.stubEnv("TMPDIR", folder);
  const engine = await startEngine(kind, options);
  engines.push(engine);
  return engine;
}

function canConnect(port: number): Promise<boolean> {
  const socket = connect({ host: "127.0.0.1", port });
  return once(socket, "connect")
    .then(
      () => true,
      () => false,
    )
    .finally(() => socket.destroy());
}

/** Commands as a person would type them. @returns the lines of all answers. */
async function askRedis({ url }: Engine, ...commands: string[]): Promise<string[]> {
  const { port, password } = new URL(url);
  const socket = connect({ host: "127.0.0.1", port: Number(port) });
  socket.end([`AUTH ${password}`, ...commands, "QUIT", ""].join("\r\n"));
  let answer = "";
  for await (const part of socket) answer += part;
  return answer.trim().split("\r\n").slice(1, -1);
}

describe.each(ENGINE_KINDS)("%s", (kind) => {
  const reason = kind === "redis" && process.env.REDIS_URL ? "one is given" : whyNo(kind);

  test.skipIf(reason !== undefined)(
    `starts, halts, starts again and leaves nothing (${reason ?? "it can be had"})`,
    async () => {
      const engine = await start(kind);
      const port = Number(new URL(engine.url).port);
      expect(await canConnect(port)).toBe(true);
      const first = engine.pid as number;
      await engine.halt();
      expect([engine.pid, alive([first]), await canConnect(port)]).toEqual([undefined, [], false]);
      await engine.resume();
      const second = engine.pid as number;
      expect([second === first, await canConnect(port)]).toEqual([false, true]);
      await expect(engine.resume()).rejects.toThrow("Expected the server to be halted");
      await engine.stop();
      expect([alive([second]), await canConnect(port)]).toEqual([[], false]);
      await engine.stop(); // again does no harm
      expect(readdirSync(folder)).toEqual([]);
    },
  );

  test.skipIf(reason !== undefined)(
    `ends with a starter that is killed (${reason ?? "it can be had"})`,
    async () => {
      const starter = startProgram(programArguments("engine-starter.ts", kind), environment);
      const { pid } = JSON.parse(await starter.said("engine"));
      expect(alive([pid])).toEqual([pid]);
      starter.process.kill("SIGKILL");
      await until(() => alive([pid]).length === 0);
      await until(() => readdirSync(folder).length === 0);
    },
  );
});

describe.skipIf(whyNo("redis") !== undefined || Boolean(process.env.REDIS_URL))(
  "what a Redis is told",
  () => {
    test.each([
      [{}, ["$3", "bar"]],
      [{ isDurable: true }, ["$3", "bar"]],
      [{ isDurable: false }, ["$-1"]],
    ])("with %o is afterwards %j", async (options, expected) => {
      const engine = await start("redis", options);
      expect(await askRedis(engine, "SET foo bar")).toEqual(["+OK"]);
      await engine.halt();
      await engine.resume();
      expect(await askRedis(engine, "GET foo")).toEqual(expected);
    });

    test("needs its password", async () => {
      const engine = await start("redis");
      const stranger = { ...engine, url: engine.url.replace(/:[^:@]+@/, ":wrong@") };
      expect(await askRedis(stranger, "GET foo")).toEqual(["-NOAUTH Authentication required."]);
    });
  },
);

describe("an engine that can't be had says why", () => {
  test("no redis-server on the PATH", async () => {
    vi.stubEnv("PATH", folder);
    vi.stubEnv("REDIS_URL", "");
    expect(whyNo("redis")).toBe("there is no redis-server on the PATH, and REDIS_URL names none");
    await expect(startEngine("redis")).rejects.toThrow(
      "Expected a server for redis: there is no redis-server",
    );
  });

  test.each(["redis://127.0.0.1:1", "rediss://127.0.0.1:1/3"])("nothing listens at %s", async (url) => {
    vi.stubEnv("REDIS_URL", url);
    expect(whyNo("redis")).toBeUndefined();
    await expect(startEngine("redis")).rejects.toThrow("Expected a Redis at 127.0.0.1:1, from REDIS_URL:");
  });

  test.each(["127.0.0.1:6379", "http://127.0.0.1", "redis:///0", "x"])("REDIS_URL is %s", async (url) => {
    vi.stubEnv("REDIS_URL", url);
    await expect(startEngine("redis")).rejects.toThrow("Expected REDIS_URL to be redis://HOST:PORT");
  });
});
