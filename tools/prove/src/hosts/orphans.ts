/**
 * A host that starts processes itself, each with its own exit code and each leaving an orphan behind. Arguments: how
 * many, and the pool's `orphans`.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import process from "node:process";
import type { OrphanMode } from "@reapool/core";
import { adapter, WORK } from "./adapter.ts";
import { listen, tell } from "./conversation.ts";
import { watchLoop } from "./loop-lag.ts";
import type * as Work from "./work.ts";

const count = Number(process.argv[2]);
const orphans = process.argv[3] as OrphanMode;
const AT_ONCE = 4;
/** The longest life of an orphan, the second for which it may be a zombie, and as much again for a slow machine. */
const ALL_GONE_MS = 3_000;
/** An exit code has eight bits; 0 would be the default. */
const codeOf = (index: number) => (index % 250) + 1;

/** Exits with the code, at once or a little later; its child outlives it by up to half a second. */
const script = (code: number) =>
  `sleep 0.${randomDigits()} & ${code % 2 === 0 ? `sleep 0.0${randomDigits()}; ` : ""}exit ${code}`;
const randomDigits = () => String(Math.floor(Math.random() * 50)).padStart(2, "0");

type Start = (code: number) => Promise<number | null>;

const byNode: Start = async (code) => {
  const own = spawn("/bin/sh", ["-c", script(code)], { stdio: "ignore" });
  const [exitCode] = (await once(own, "exit")) as [number | null];
  return exitCode;
};

/** The runtime's own API, as far as it is needed here: only one of the two exists where this is compiled. */
interface Natives {
  readonly Bun?: { spawn(command: string[], options: object): { readonly exited: Promise<number> } };
  readonly Deno?: {
    Command: new (
      file: string,
      options: object,
    ) => { spawn(): { readonly status: Promise<{ readonly code: number }> } };
  };
}

function starts(): Start[] {
  const { Bun, Deno } = globalThis as Natives;
  const ignore = { stdin: "ignore", stdout: "ignore", stderr: "ignore" };
  if (Bun !== undefined) {
    return [byNode, (code) => Bun.spawn(["/bin/sh", "-c", script(code)], ignore).exited];
  }
  if (Deno !== undefined) {
    const options = { stdin: "null", stdout: "null", stderr: "null" };
    return [
      byNode,
      async (code) => {
        const own = new Deno.Command("/bin/sh", { args: ["-c", script(code)], ...options }).spawn();
        return (await own.status).code;
      },
    ];
  }
  return [byNode];
}

/**
 * A pause before the next start. A Node program that starts the next process from the exit of the last keeps its loop
 * from turning: for 2 s with 200 short processes, four at a time, and no pool at all [tried].
 */
const BREATH_MS = 5;

/** An exit that has not been reported by then was taken from the runtime. */
const NEVER_MS = 10_000;

function orNever(exit: Promise<number | null>): Promise<unknown> {
  const never = new Promise((resolve) => setTimeout(resolve, NEVER_MS, "no exit"));
  return Promise.race([exit.catch(String), never]);
}

const HOLD_UP_MS = 100;
const HOLD_UP_EVERY_MS = 500;

/** A program computes now and then, and dead processes meanwhile wait for its loop to turn. */
function holdUp(): void {
  const until = performance.now() + Math.random() * HOLD_UP_MS;
  while (performance.now() < until);
}

async function startAll(): Promise<string[]> {
  const wrongCodes: string[] = [];
  const ways = starts();
  const waiting = Array.from({ length: count }, (_, index) => index).values();
  const inTurn = async () => {
    for (const index of waiting) {
      const expected = codeOf(index);
      const start = ways[index % ways.length] as Start;
      const code = await orNever(start(expected));
      await new Promise((resolve) => setTimeout(resolve, BREATH_MS));
      if (code !== expected) wrongCodes.push(`${code} instead of ${expected}`);
    }
  };
  const holdingUp = setInterval(holdUp, HOLD_UP_EVERY_MS);
  await Promise.all(Array.from({ length: AT_ONCE }, inTurn));
  clearInterval(holdingUp);
  return wrongCodes;
}

try {
  const pool = adapter.createPool<typeof Work>(WORK, { minWorkers: 1, maxWorkers: 1, orphans });
  await pool.ready();
  listen({
    go: async () => {
      const stop = watchLoop();
      const wrongCodes = await startAll();
      await new Promise((resolve) => setTimeout(resolve, ALL_GONE_MS));
      tell({ type: "orphans", own: count, wrongCodes, longestTurn: stop() });
    },
    close: async () => {
      await pool.close();
      tell({ type: "closed" });
    },
  });
  tell({ type: "ready", workers: pool.workers.map(({ pid }) => pid as number) });
} catch (error) {
  if (!(error instanceof adapter.UnsupportedError)) throw error;
  tell({ type: "unsupported", reason: error.message });
}
