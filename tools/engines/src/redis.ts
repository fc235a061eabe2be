/** A Redis: the one that `REDIS_URL` names, or one of its own from the `redis-server` on the PATH. */
import { spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { accessSync, constants, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import type { Engine, EngineOptions } from "./engine.ts";
import { runEngine } from "./own-engine.ts";
import { knock, LOOPBACK, onFreePort } from "./ports.ts";
import { Server } from "./server.ts";

/** Valkey's is told the same way. */
const PROGRAMS = ["redis-server", "valkey-server"];
const READY = "eady to accept connections";
const DEFAULT_PORT = 6379;

export function whyNoRedis(): string | undefined {
  if (process.env.REDIS_URL || findProgram() !== undefined) return undefined;
  return "there is no redis-server on the PATH, and REDIS_URL names none";
}

export function startRedis(options: EngineOptions): Promise<Engine> {
  const { REDIS_URL } = process.env;
  return REDIS_URL ? useGiven(REDIS_URL) : startOwn(options);
}

async function useGiven(url: string): Promise<Engine> {
  const { hostname, port } = readUrl(url);
  await knock(hostname, Number(port || DEFAULT_PORT)).catch((error: Error) => {
    throw new Error(
      `Expected a Redis at ${hostname}:${port || DEFAULT_PORT}, from REDIS_URL: ${error.message}`,
    );
  });
  const refuse = async () => {
    throw new Error("Expected a server of its own: the one that REDIS_URL names is not halted");
  };
  return {
    kind: "redis",
    label: "the Redis of REDIS_URL",
    url,
    pid: undefined,
    isOwn: false,
    halt: refuse,
    resume: refuse,
    stop: async () => {},
  };
}

function readUrl(url: string): URL {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (parsed === undefined || !/^rediss?:$/.test(parsed.protocol) || parsed.hostname === "")
    throw new Error("Expected REDIS_URL to be redis://HOST:PORT, or rediss://");
  return parsed;
}

async function startOwn({ isDurable = true }: EngineOptions): Promise<Engine> {
  const program = findProgram() as string;
  const { stdout = "" } = spawnSync(program, ["--version"], { encoding: "utf8" });
  const [, family = "Redis", version = "of unknown version"] = /(\w+) server v=([\d.]+)/.exec(stdout) ?? [];
  return onFreePort(async (port) => {
    const folder = mkdtempSync(join(tmpdir(), "redis-"));
    const password = randomBytes(16).toString("hex");
    const config = join(folder, "redis.conf");
    writeFileSync(config, settings(port, password, folder, isDurable), { mode: 0o600 });
    const start = async () => {
      const server = new Server({ folder, lastSignal: "KILL", command: [program, config], env: {} });
      await server.untilSaid(READY);
      return server;
    };
    try {
      return await runEngine({
        kind: "redis",
        label: `${family} ${version}`,
        url: `redis://:${password}@${LOOPBACK}:${port}`,
        folder,
        stopSignal: "SIGTERM",
        haltSignal: "SIGKILL",
        start,
      });
    } catch (error) {
      rmSync(folder, { recursive: true, force: true });
      throw error;
    }
  });
}

/** Written before each answer, so that a killed server has lost nothing it has confirmed; the disk may come later. */
const settings = (port: number, password: string, folder: string, isDurable: boolean) => `
bind ${LOOPBACK}
port ${port}
requirepass ${password}
dir "${folder}"
save ""
appendonly ${isDurable ? "yes" : "no"}
appendfsync no
`;

function findProgram(): string | undefined {
  const folders = (process.env.PATH ?? "").split(delimiter).filter((folder) => folder !== "");
  return PROGRAMS.flatMap((name) => folders.map((folder) => join(folder, name))).find(isExecutable);
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
