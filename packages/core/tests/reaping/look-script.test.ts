/** What the guard finds of what a worker has left, under the real shells of this machine, and what it spares. */
import { spawnSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, vi } from "vitest";
import { GUARD_SCRIPT } from "../../src/reaping/guard-script.ts";
import { areAway, commandOf, ESCAPES, isInstalled, tagged, writeEscapes } from "../../src/testing/escapes.ts";
import { endGroups, isRunning, startGroup } from "../support/real-processes.ts";
import { describeShells, SHELLS } from "../support/shells.ts";

/** Of this run alone: the script ends whoever has it. */
const ID = `t${process.pid}x${Date.now().toString(36)}`;
const MARK = `REAPOOL_${ID}`;

/** The script as it is, and where this machine has less. What has no -z is a grep of busybox, which Bash is seldom beside. */
const SCRIPTS = {
  "as it is": GUARD_SCRIPT,
  "with a grep that has no -z": GUARD_SCRIPT.replace("then zeros=1; fi", "then zeros=; fi"),
  "by links alone": GUARD_SCRIPT.replace("lacks= ", "lacks=1 "),
};
const scriptsFor = (file: string) =>
  Object.entries(SCRIPTS).filter(([manner]) => file !== "bash" || !manner.endsWith("-z"));

let folder: string;
let tag: string;
let count = 0;

afterEach(async () => {
  for (const pid of tagged(tag)) process.kill(pid, "SIGKILL");
  await endGroups();
  rmSync(folder, { recursive: true, force: true });
});

function setUp([file, ...args]: readonly string[], script: string) {
  folder = mkdtempSync(join(tmpdir(), "look-script-"));
  tag = `${ID}n${++count}`;
  const tools = join(folder, "tools");
  mkdirSync(tools);
  if (file === "busybox")
    for (const tool of ["grep", "awk", "tr"]) symlinkSync(whereIs(file), join(tools, tool));
  const guard = startGroup(
    file as string,
    [...args, "-c", script, "reapool-guard", folder, MARK],
    ["pipe", "pipe", "ignore"],
    { ...process.env, PATH: `${tools}:${process.env.PATH}`, REAPOOL_OUTLIVES: "1" },
  );
  let said = "";
  guard.process.stdout?.on("data", (bytes) => {
    said += bytes;
  });
  let looks = 0;
  return {
    /** Ends what these marks and roots lead to. */
    look: async (since: number, values: string, ...roots: string[]) => {
      const number = ++looks;
      guard.process.stdin?.write(["LOOK", number, since, values, ...roots].join(" ").concat("\n"));
      await vi.waitUntil(() => said.split("\n").includes(String(number)), { timeout: 60_000 });
    },
    hangUp: () => {
      guard.process.stdin?.end();
      return guard.ended;
    },
    quit: () => {
      guard.process.stdin?.write("quit\n");
      return guard.ended;
    },
  };
}

/** A process that leads a group, runs for long and is no worker. */
function startCanary(env: NodeJS.ProcessEnv = {}, args: readonly string[] = []) {
  const run = ["-c", "while :; do sleep 1; done", tag, ...args];
  return startGroup("/bin/sh", run, "ignore", { PATH: process.env.PATH, ...env }).pid;
}

/** The command line behind it becomes another user's; undefined where this user may not do that. */
const NOBODY = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"] as const;
const isNobodyThere = spawnSync(NOBODY[0], [...NOBODY.slice(1), "true"]).status === 0;

/** A canary of another user, which carries nothing: not even the mark in its arguments, unless it is given there. */
function startForeignCanary(args: readonly string[] = []) {
  const run = ["env", "-i", "/bin/sh", "-c", "while :; do sleep 1; done", tag, ...args];
  return startGroup(NOBODY[0], [...NOBODY.slice(1), ...run], "ignore").pid;
}

const startOf = (pid: number) =>
  Number(
    readFileSync(`/proc/${pid}/stat`, "utf8")
      .replace(/^.*\) /s, "")
      .split(" ")[19],
  );

/** A worker with this mark that starts these, all at once; resolves when they are away. */
async function startWorker(mark: string, escapes: typeof ESCAPES) {
  const env = { ...process.env, ...writeEscapes(folder, tag), [MARK]: mark };
  const commands = escapes.map(({ script }) => script).join("\n");
  const { pid } = startGroup("/bin/sh", ["-c", `${commands}\nwhile :; do sleep 1; done`], "ignore", env);
  await vi.waitUntil(() => areAway(folder, escapes), { timeout: 60_000 });
  return pid;
}

async function killWorker(pid: number): Promise<void> {
  process.kill(-pid, "SIGKILL");
  await vi.waitUntil(() => !isRunning(pid), { timeout: 60_000 });
}

const left = () => tagged(tag).map(commandOf);

describeShells(
  SHELLS,
  (inShell, shell) => {
    for (const [manner, script] of scriptsFor(shell[0] as string)) {
      const isBlind = manner === "by links alone";
      const able = ESCAPES.filter(({ needs, isBelow }) => (!isBlind || isBelow) && isMet(needs));

      inShell(`${manner}: all that a dead worker has left, by whatever way it has gone`, async () => {
        const { look } = setUp(shell, script);
        const worker = await startWorker("12", able);
        const noted = isBlind ? tagged(tag).map((pid) => `${pid}:${startOf(pid)}`) : [];
        const since = startOf(worker);
        await killWorker(worker);
        expect(left().length).toBeGreaterThan(0); // the way out of the group is one
        await look(since, "12", `${worker}:${since}:${since + 10_000}`, ...noted);
        expect(left()).toEqual([]);
      });

      inShell(`${manner}: nobody else`, async () => {
        const { look } = setUp(shell, script);
        const names = (entry: string) => ({ OTHER: entry });
        const canaries = {
          shorter: startCanary({ [MARK]: "1" }),
          "the other end": startCanary({ [MARK]: "2" }),
          longer: startCanary({ [MARK]: "123" }),
          "a longer beginning": startCanary({ [MARK]: "012" }),
          "a space more": startCanary({ [MARK]: "12 " }),
          empty: startCanary({ [MARK]: "" }),
          "a longer name": startCanary({ [`${MARK}x`]: "12", [`X${MARK}`]: "12" }),
          "another host": startCanary({ [`REAPOOL_${[...ID].reverse().join("")}`]: "12" }),
          "in its arguments": startCanary({}, [`${MARK}=12`]),
          "in another's value": startCanary(names(`${MARK}=12`)),
          "on a line of another's value": startCanary(names(`a\n${MARK}=12\nb`)),
          "as another's file": startCanary(names(`\n/proc/1/environ:${MARK}=12\n`)),
          "what is to outlive": startCanary({ [MARK]: "12", REAPOOL_OUTLIVES: "1" }),
          "the number of a noted one": startCanary(),
          "the number of a leader": startCanary(),
          "the number of a leader that is unknown": startCanary(),
          ...(isNobodyThere && {
            "another user's": startForeignCanary(),
            "another user's, in its arguments": startForeignCanary([`${MARK}=12`, "REAPOOL_OUTLIVES=1"]),
          }),
        };
        const reused = canaries["the number of a noted one"];
        const leader = canaries["the number of a leader"];
        const unknown = canaries["the number of a leader that is unknown"];
        const now = startOf(leader);
        await look(
          0,
          "12",
          `${reused}:${startOf(reused) - 1}`,
          `${leader}:${now - 100}:${now + 100_000}`,
          `${unknown}::`,
          "0:0:",
          "1:1:",
        );
        const ended = Object.entries(canaries).filter(([, pid]) => !isRunning(pid));
        expect(ended.map(([what]) => what)).toEqual([]);
      });
    }

    inShell("takes nothing that was there before the first of the workers", async () => {
      const { look } = setUp(shell, GUARD_SCRIPT);
      const marked = startCanary({ [MARK]: "12" });
      await look(startOf(marked) + 1, "12");
      expect(isRunning(marked)).toBe(true);
      await look(startOf(marked), "12");
      await vi.waitUntil(() => !isRunning(marked), { timeout: 60_000 });
    });

    inShell("comes to the end of a look before it quits, and spares other workers then", async () => {
      const { look, quit } = setUp(shell, GUARD_SCRIPT);
      const other = startCanary({ [MARK]: "13" });
      const worker = await startWorker("12", [ESCAPES[1] as (typeof ESCAPES)[number]]);
      writeFileSync(join(folder, "groups"), `${`${other} tree ${startOf(other)}`.padEnd(31)}\n`);
      await killWorker(worker);
      void look(0, "12", `${worker}:0:0`).catch(() => {});
      expect(await quit()).toBe(0);
      expect(tagged(tag)).toEqual([other]);
      expect(existsSync(folder)).toBe(false); // the host may not be allowed to remove it
    });

    inShell("ends what a host that dies leaves, and removes the folder", async () => {
      const { hangUp } = setUp(shell, GUARD_SCRIPT);
      const stranger = startCanary({ [`REAPOOL_${[...ID].reverse().join("")}`]: "12" });
      const worker = await startWorker(
        "12",
        ESCAPES.filter(({ needs }) => isMet(needs)),
      );
      writeFileSync(join(folder, "groups"), `${`${worker} tree ${startOf(worker)}`.padEnd(31)}\n`);
      expect(await hangUp()).toBe(0);
      await vi.waitUntil(() => !isRunning(worker), { timeout: 60_000 });
      expect(tagged(tag)).toEqual([stranger]);
    });
  },
  120_000,
);

function whereIs(program: string): string {
  return spawnSync("/bin/sh", ["-c", `command -v ${program}`], { encoding: "utf8" }).stdout.trim();
}

function isMet(needs: string | undefined): boolean {
  return needs === undefined || isInstalled(needs);
}
