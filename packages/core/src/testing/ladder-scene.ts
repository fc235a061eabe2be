/** The worker of the cases about how a worker is made to go: what its module notes, and what it may be too late for. */
import type { PoolOptions } from "../options/pool-options.ts";
import type { PoolEvents } from "../pool/events.ts";
import { type FixturePool, type Subject, until } from "./contract-case.ts";
import { withModule } from "./written-module.ts";

/** Notes in a file what happens to it, and listens to SIGTERM in each of the ways there are. */
const NOTING = `
import process from "node:process";
import { spawn } from "node:child_process";
import { appendFileSync, existsSync, writeFileSync } from "node:fs";
let file;
let isTornDown = "tears down";
const note = (what) => appendFileSync(file, what + "\\n");
const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
export const setup = (data) => { file = data.file; note("starts"); ways[data.how](); };
export const teardown = () => { note(isTornDown); if (isTornDown === "hangs") return new Promise(() => {}); };
const tidy = () => { note("SIGTERM"); process.exit(7); };
const tidySlowly = async () => { note("SIGTERM"); await wait(100); note("tidied"); process.exit(7); };
const ignore = () => note("SIGTERM");
const ways = {
  once: () => process.once("SIGTERM", tidy),
  slowly: () => process.prependListener("SIGTERM", tidySlowly),
  ignored: () => process.on("SIGTERM", ignore),
  natively: () => globalThis.Deno ? Deno.addSignalListener("SIGTERM", tidy) : process.addListener("SIGTERM", tidy),
  "once and has heard it": () => { process.once("SIGTERM", ignore); process.kill(process.pid, "SIGTERM"); },
  never: () => {},
  "no longer": () => process.on("SIGTERM", ignore).off("SIGTERM", ignore),
  "only to SIGINT": () => process.on("SIGINT", ignore),
  "with all removed": () => { process.on("SIGTERM", ignore); process.removeAllListeners("SIGTERM"); },
  "once more": () => { process.on("SIGTERM", ignore).off("SIGTERM", ignore); process.once("SIGTERM", tidy); },
};
export const pid = () => process.pid;
export const listen = (how) => void ways[how]();
export const hang = (how) => { ways[how](); return new Promise(() => {}); };
export const spinAfterChild = async (how) => {
  const script = 'trap "echo a child hears SIGTERM >> $FILE" TERM; touch $FILE.child; while :; do sleep 0.05; done';
  spawn("sh", ["-c", script], { stdio: "ignore", env: { ...process.env, FILE: file } });
  while (!existsSync(file + ".child")) await wait(10);
  ways[how]();
  writeFileSync(file + ".spins", "");
  for (;;);
};
export const hangUntilSIGTERM = () => new Promise((resolve) => process.on("SIGTERM", () => { note("SIGTERM"); resolve(); }));
export const noteCall = (what) => { note(what); return process.pid; };
export const spin = (how) => { ways[how](); for (;;); };
export async function* count(how) { ways[how](); yield 1; await new Promise(() => {}); }
export const hangInTeardown = () => { isTornDown = "hangs"; };
export const noteExit = () => {
  process.on("exit", (code) => note("exits with " + code));
  globalThis.addEventListener?.("unload", () => note("unloads"));
};
export const leave = (code) => process.exit(code);
export const fail = () => {
  process.on("SIGTERM", ignore);
  process.on("exit", () => process.off("SIGTERM", ignore));
  setTimeout(() => { throw new RangeError("nobody catches it"); }, 0);
  return new Promise(() => {});
};
`;

export interface Scene {
  run(name: string, ...args: unknown[]): Promise<unknown>;
  readonly pool: FixturePool;
  /** What the module has noted, without its first line. */
  noted(): readonly string[];
  /** `spinAfterChild` has come to its loop. */
  isSpinning(): boolean;
  /** Waits for the end of the one worker that has run. */
  ended(): Promise<PoolEvents["exit"]>;
}

const TRIES = 3;

/** Its worker was killed before it had done all that SIGTERM makes it do. */
class Late extends Error {}

/**
 * A worker that gets SIGTERM has a second until it is killed. On a busy machine it may not run at all in that time: the body
 * is tried again then. One that is sent no SIGTERM is late every time.
 */
export async function withNotes(...scene: Parameters<typeof tryWithNotes>): Promise<void> {
  for (let tries = 1; ; tries++) {
    try {
      return await tryWithNotes(...scene);
    } catch (error) {
      if (!(error instanceof Late) || tries === TRIES) throw error;
    }
  }
}

/** @param end Its signal or its code. @param notes All that is noted, each line once. */
export function assertEnd(
  { exit }: PoolEvents["exit"],
  noted: readonly string[],
  end: string | number,
  notes: readonly string[],
): void {
  const received = JSON.stringify([exit.signal ?? exit.code, noted]);
  const lacking = JSON.stringify(["SIGKILL", notes.filter((line) => noted.includes(line))]);
  const expected = JSON.stringify([end, notes]);
  if (received === expected) return;
  const message = `Expected the end and the notes ${expected}, received ${received}`;
  throw received === lacking ? new Late(message) : new Error(message);
}

async function tryWithNotes(
  { runtime, ...subject }: Subject,
  options: PoolOptions,
  body: (scene: Scene) => Promise<void>,
  how = "never",
): Promise<void> {
  const { path, remove } = runtime.makeFolder();
  const file = `${path}/notes`;
  runtime.openFile(file).close();
  const read = () => new TextDecoder().decode(runtime.readFile(file)).trim().split("\n");
  try {
    await withModule(
      { ...subject, runtime },
      NOTING,
      async (pool) => {
        const exits: PoolEvents["exit"][] = [];
        pool.on("exit", (event) => exits.push(event));
        const run: Scene["run"] = (name, ...args) => pool.run(name as "pid", args as []);
        await run("pid");
        await body({
          run,
          pool,
          noted: () => read().slice(1),
          isSpinning: () => runtime.readFile(`${file}.spins`) !== undefined,
          ended: async () => {
            await until(runtime, () => exits.length > 0, "the worker to end");
            return exits[0] as PoolEvents["exit"];
          },
        });
      },
      { ...options, worker: { data: { file, how }, stderr: "ignore" } },
    );
  } finally {
    remove();
  }
}
