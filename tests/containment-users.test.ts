/**
 * Containment and users: a process of somebody else's lives on, whatever it looks like; and where a process of a worker's
 * own hides its environment (it has another user or group than its host), the links lead to it.
 */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { chmodSync, chownSync, copyFileSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, type TestContext } from "vitest";
import { tagged } from "../packages/core/src/testing/escapes.ts";
import { adapter } from "./support/adapter.ts";
import { type Host, programArguments, startCommand } from "./support/host.ts";
import { canSeeProcesses } from "./support/leftovers.ts";
import { readText } from "./support/proc.ts";
import { alive, until } from "./support/processes.ts";
import { blindRoot, nobody, otherUser, type Wrapper } from "./support/sandbox.ts";

/** Of `otherUser`. */
const USER = 61_234;
const OTHER = 61_235;
/** Inherited by all that the worker starts: see reaping/mark.ts. */
const MARK = /^REAPOOL_[a-z0-9]+=\d+$/;

const canFind = canSeeProcesses && adapter.runtime.capabilities.processTrees;

/** Where the hosts put their folders: all users may. */
let temporary: string;
let tag: string;
let host: Host | undefined;
const canaries: ChildProcess[] = [];

beforeEach(() => {
  temporary = mkdtempSync(join(tmpdir(), "users-"));
  chmodSync(temporary, 0o777);
  tag = `0${process.pid}.${String(Math.random()).slice(2)}`;
  host = undefined;
});
afterEach(async () => {
  end(host?.process.pid);
  await host?.ended;
  for (const pid of tagged(tag)) end(pid);
  for (const canary of canaries.splice(0)) await endCanary(canary);
  rmSync(temporary, { recursive: true });
});

function end(pid: number | undefined): void {
  try {
    if (pid !== undefined) process.kill(pid, "SIGKILL");
  } catch {
    // it is gone
  }
}

/** What the worker's script has started, and is not a canary. */
const left = () => tagged(`6${tag}`);

/** Behind the wrapper. Resolves to the worker's pid, when its script runs. */
async function start(
  wrapper: readonly string[],
  script: string,
  run: string,
  user?: number,
): Promise<number> {
  const [file = "", ...args] = [...wrapper, process.execPath, ...programArguments("users-host.ts")];
  host = startCommand(file, args, {
    ...process.env,
    ...{ HOME: temporary, TMPDIR: temporary },
    ...{ HOST_SCRIPT: script, HOST_RUN: run, ...(user === undefined ? {} : { HOST_USER: `${user}` }) },
  });
  return Number(await host.said("worker "));
}

const ENDS = {
  "it is killed": (worker: number) => void process.kill(worker, "SIGKILL"),
  "it times out": () => void process.kill(host?.process.pid as number, "SIGUSR2"),
  "its host is killed": () => end(host?.process.pid),
};

function needed(context: TestContext, wrapper: Wrapper): readonly string[] {
  if (typeof wrapper === "string") context.skip(wrapper);
  return wrapper as readonly string[];
}

describe.skipIf(!canFind)("when a worker ends", () => {
  function startCanary(wrapper: readonly string[], ...more: string[]): number {
    const [file = "", ...args] = [
      ...wrapper,
      "env",
      "-i",
      "/bin/sh",
      "-c",
      "sleep 600; :",
      "canary",
      ...more,
    ];
    const canary = spawn(file, args, { stdio: "ignore", detached: true });
    canaries.push(canary);
    return canary.pid as number;
  }

  it.for(Object.keys(ENDS) as (keyof typeof ENDS)[])(
    "because %s, other users' processes live on, also those that name its mark",
    async (manner, context) => {
      const other = needed(context, nobody);
      const worker = await start([], "setsid -f sleep $RUN", `6${tag}`);
      await until(() => left().length === 1);
      const marks = readText(`/proc/${worker}/environ`)
        .split("\0")
        .filter((entry) => MARK.test(entry));
      expect(marks.length).toBe(1);
      const pids = [
        startCanary(other),
        startCanary(other, ...marks),
        startCanary(other, ...marks, "REAPOOL_OUTLIVES=1", String(worker)),
        startCanary([], ...marks),
      ];
      const isAsMeant = (pid: number) => readText(`/proc/${pid}/cmdline`).includes("\0canary");
      await until(() => pids.every(isAsMeant));
      ENDS[manner](worker);
      await until(() => left().length === 0);
      end(host?.process.pid);
      await until(() => readdirSync(temporary).every((name) => !name.startsWith("reapool-")));
      expect(alive(pids)).toEqual(pids);
    },
  );
});

async function endCanary(canary: ChildProcess): Promise<void> {
  const { pid, exitCode, signalCode } = canary;
  if (pid === undefined || exitCode !== null || signalCode !== null) return;
  const ended = new Promise((resolve) => canary.once("exit", resolve));
  process.kill(-pid, "SIGKILL");
  await ended;
}

describe.skipIf(!canFind)("what hides its environment", () => {
  /** A `sleep` with this bit, of another user and group. */
  function special(bit: number): string {
    const own = spawnSync("/bin/sh", ["-c", "command -v sleep"], { encoding: "utf8" });
    const file = join(temporary, "special-sleep");
    copyFileSync(own.stdout.trim(), file);
    chownSync(file, OTHER, OTHER);
    chmodSync(file, bit | 0o755);
    return file;
  }

  /** How it comes that the host and its guard can't read it; `user` is the worker's. */
  const HIDDEN = {
    "a set-group-id program": { wrapper: otherUser, make: () => special(0o2000) },
    "a set-user-id program": { wrapper: otherUser, make: () => special(0o4000) },
    "another user's, which this root may not read": { wrapper: blindRoot, make: () => "sleep", user: USER },
  };

  /** Below a daemon, which can be read where the worker can; below the worker; and below nobody. */
  const scripts = () => `
    setsid -f sh -c 'setsid $RUN 61${tag} & wait'
    setsid $RUN 62${tag} &
    setsid -f setsid -f $RUN 63${tag}
    wait`;

  /** Those whose name it is, and not the shells in whose script it is. */
  const sleeping = (kind: string) =>
    tagged(`${kind}${tag}`).filter((pid) => readText(`/proc/${pid}/comm`).includes("sleep"));

  it.for<[keyof typeof HIDDEN, keyof typeof ENDS, string[]]>([
    ["a set-group-id program", "it is killed", ["61"]],
    ["a set-group-id program", "its host is killed", ["61", "62"]],
    ["a set-user-id program", "it times out", ["61", "62"]],
    ["another user's, which this root may not read", "it times out", ["62"]],
    ["another user's, which this root may not read", "its host is killed", ["62"]],
  ])(
    "is found by what it hangs by, and by that alone: %s, when %s",
    async ([what, manner, found], context) => {
      const { wrapper, make, user } = { user: undefined, ...HIDDEN[what] };
      const behind = needed(context, wrapper);
      const worker = await start(behind, scripts(), make(), user);
      await until(() => ["61", "62", "63"].every((kind) => sleeping(kind).length === 1));
      const [file = "", ...args] = [...behind, "cat", `/proc/${sleeping("63")[0]}/environ`];
      if (spawnSync(file, args).status === 0) context.skip("its environment can be read here");

      ENDS[manner](worker);
      await until(() => found.every((kind) => sleeping(kind).length === 0));
      await until(() => alive([worker]).length === 0);
      end(host?.process.pid);
      await until(() => readdirSync(temporary).every((name) => !name.startsWith("reapool-")));
      expect(sleeping("63").length).toBe(1); // so it was not the environment by which the others were found
    },
  );
});
