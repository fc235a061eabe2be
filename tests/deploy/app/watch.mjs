// Runs a program under a watcher and changes it five times: after each load there are the workers of that load alone.
import { spawn } from "node:child_process";
import { appendFileSync, readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { setTimeout as wait } from "node:timers/promises";
import { listDescendants } from "reapool";

const [command, ...args] = process.argv.slice(2);
const LOADS = 6;
const WORKERS = 2;

const watcher = spawn(command, args, { stdio: ["ignore", "pipe", "inherit"] });
for (const signal of ["exit", "SIGTERM", "SIGINT"]) process.on(signal, () => watcher.kill());
let loads = 0;
for await (const line of createInterface({ input: watcher.stdout })) {
  console.log(line);
  if (line !== "ready") continue;
  loads++;
  await until(
    () => workers() === WORKERS,
    () => `${WORKERS} workers after load ${loads}, not ${workers()}`,
  );
  if (loads < LOADS) appendFileSync(args.at(-1), "\n// changed\n");
  else watcher.kill();
}
if (loads < LOADS) fail(`${LOADS} loads, not ${loads}`);
await until(
  () => listDescendants().length === 0,
  () => `nothing to be left, not ${JSON.stringify(listDescendants())}`,
);

function workers() {
  return listDescendants().filter(({ pid }) => commandLine(pid).includes("worker-main")).length;
}

function commandLine(pid) {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8");
  } catch {
    return ""; // it has ended
  }
}

async function until(isMet, what) {
  for (let tries = 0; !isMet(); tries++) {
    if (tries === 200) fail(what());
    await wait(50);
  }
}

function fail(what) {
  console.error(`Expected ${what}`);
  process.exit(1);
}
