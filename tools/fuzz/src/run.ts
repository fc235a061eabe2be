/** Runs the program in a runtime, and finds the input from which it never returned, or that ended it. */
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { ROOT, type Runtime } from "@reapool/measuring/runtimes";
import { sourceEnvironment } from "@reapool/runtimes";
import type { FoundHex, Order, Told } from "./orders.ts";

export interface Run {
  readonly runtime: Runtime;
  readonly inputs: number;
  readonly found: readonly FoundHex[];
  readonly seconds: number;
}

const PROGRAM = fileURLToPath(new URL("./program.ts", import.meta.url));
/** Far longer than three attempts at one input with its shrinking take on a slow machine. */
const SILENCE_MS = 60_000;

export async function run(runtime: Runtime, order: Order): Promise<Run> {
  const start = performance.now();
  let end = await converse(runtime, order);
  if (end.result === undefined && order.input === undefined) {
    end = await converse(runtime, { ...order, from: end.at, isTraced: true });
  }
  const seconds = (performance.now() - start) / 1_000;
  const { inputs, found } = end.result ?? {
    inputs: end.at - order.from + 1,
    found: [{ target: "the process", what: end.what, index: end.at, hex: "" }],
  };
  return { runtime, inputs, found, seconds };
}

interface End {
  /** The last input that it reported. */
  readonly at: number;
  readonly what: string;
  readonly result: Exclude<Told, { at: number }> | undefined;
}

function converse(runtime: Runtime, order: Order): Promise<End> {
  return new Promise((resolve) => {
    const program = spawn(runtime.executable, [...runtime.flags, PROGRAM, JSON.stringify(order)], {
      cwd: ROOT,
      env: { ...process.env, ...sourceEnvironment, DENO_NO_UPDATE_CHECK: "1" },
      stdio: ["ignore", "pipe", "inherit"],
    });
    let at = order.from;
    let what = "";
    let result: End["result"];
    const onSilence = () => {
      what = "it never came back";
      program.kill("SIGKILL");
    };
    let silence = setTimeout(onSilence, SILENCE_MS);
    createInterface({ input: program.stdout }).on("line", (line) => {
      clearTimeout(silence);
      silence = setTimeout(onSilence, SILENCE_MS);
      const told = JSON.parse(line) as Told;
      if ("at" in told) at = told.at;
      else result = told;
    });
    program.on("close", (code, signal) => {
      clearTimeout(silence);
      resolve({ at, what: what || `it ended the process: ${signal ?? `code ${code}`}`, result });
    });
  });
}
