/** The real script under the real shells of this machine: what it kills at the end of its input, and what not. */
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, vi } from "vitest";
import { GUARD_SCRIPT } from "../../src/reaping/guard-script.ts";
import {
  endGroups,
  isRunning,
  isSpared,
  startGroup,
  startLeader,
  stateOf,
} from "../support/real-processes.ts";
import { describeShells, SHELLS } from "../support/shells.ts";

const SLEEPER = "echo ready; exec sleep 300";

/** Nobody on this machine has it: the script is told to end whoever does. */
const MARK = `REAPOOL_test${process.pid}x${Date.now().toString(36)}`;

/** A host that has this in its table, and ends when it is told to. */
function startGuard(
  [file, ...args]: readonly string[],
  table: string,
  { script = GUARD_SCRIPT, folder = newFolder() } = {},
) {
  writeFileSync(join(folder, "groups"), table);
  const { process, pid, ended } = startGroup(
    file as string,
    [...args, "-c", script, "reapool-guard", folder, MARK],
    ["pipe", "ignore", "ignore"],
  );
  return {
    pid,
    folder,
    write: (text: string) => void process.stdin?.write(text),
    /** The end of the host; resolves to how the guard ended. */
    hangUp: () => {
      process.stdin?.end();
      return ended;
    },
  };
}

/** A table as the host writes it. */
const tableOf = (...lines: string[]) => lines.map((line) => `${line.padEnd(31)}\n`).join("");

/** Until a guard has come so far that signals do not end it: it ignores the last of them. */
async function untilDeaf(pid: number): Promise<void> {
  const USR2 = 1n << 11n;
  const ignored = () =>
    BigInt(`0x${/^SigIgn:\s*(\w+)$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]}`);
  await vi.waitUntil(() => (ignored() & USR2) !== 0n, { timeout: 30_000 });
}

/** Until it has its table open. Before it is a shell, the runtime's own descriptors are still there. */
async function untilOpen(pid: number): Promise<void> {
  const isOpen = () => {
    try {
      return readlinkSync(`/proc/${pid}/fd/3`).endsWith("/groups");
    } catch {
      return false;
    }
  };
  await vi.waitUntil(isOpen, { timeout: 30_000 });
}

const folders: string[] = [];

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "guard-script-"));
  folders.push(folder);
  return folder;
}

afterEach(async () => {
  await endGroups();
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

describeShells(SHELLS, (inShell, shell) => {
  inShell(
    "does what it does at the end of its input when it is told to end, with the input open",
    async () => {
      const [worker, stranger] = await startAll(SLEEPER, SLEEPER);
      const guard = startGuard(shell, tableOf(`${worker.pid} tree ${startOf(worker.pid)}`));
      guard.write("end\n");
      expect(await worker.ended).toBe("SIGKILL");
      await vi.waitUntil(() => !existsSync(guard.folder), { timeout: 30_000 });
      expect(await isSpared(stranger)).toBe(true);
    },
  );

  inShell("kills the groups in the table when its input ends, and nobody else", async () => {
    const [first, second, third, stranger] = await startAll(SLEEPER, SLEEPER, SLEEPER, SLEEPER);
    const guard = startGuard(
      shell,
      tableOf(`${first.pid} tree ${startOf(first.pid)}`, "", `${second.pid} group`, `${third.pid}`, ""),
    );
    expect(await guard.hangUp()).toBe(0);
    expect(await Promise.all([first.ended, second.ended, third.ended])).toEqual(new Array(3).fill("SIGKILL"));
    expect(await isSpared(stranger)).toBe(true);
  });

  inShell("reads the table as it is then, and kills nobody before", async () => {
    const [early, late] = await startAll(SLEEPER, SLEEPER);
    const guard = startGuard(shell, tableOf(`${early.pid}`));
    guard.write(`${early.pid}\n+ ${early.pid}\n`); // what it reads on its input means nothing
    await untilDeaf(guard.pid);
    writeFileSync(join(guard.folder, "groups"), tableOf("", `${late.pid}`));
    expect(await guard.hangUp()).toBe(0);
    expect(await late.ended).toBe("SIGKILL");
    expect(await isSpared(early)).toBe(true);
  });

  inShell("reads the table even if somebody has removed it meanwhile", async () => {
    const [leader] = await startAll(SLEEPER);
    const guard = startGuard(shell, tableOf(`${leader.pid}`));
    await untilOpen(guard.pid);
    rmSync(guard.folder, { recursive: true });
    expect(await guard.hangUp()).toBe(0);
    expect(await leader.ended).toBe("SIGKILL");
  });

  inShell(
    "spares the other to whom the number of a worker was given, and no worker nor what it left behind",
    async () => {
      const [worker, stranger, younger, family] = await startAll(
        SLEEPER,
        SLEEPER,
        SLEEPER,
        "sleep 300 >/dev/null & echo $!",
      );
      await family.ended;
      const member = Number(family.said);
      expect(isRunning(member)).toBe(true);
      const guard = startGuard(
        shell,
        tableOf(
          `${stranger.pid} tree ${startOf(stranger.pid) - 1n}`,
          `${younger.pid} tree ${String(startOf(younger.pid)).slice(0, -1)}`,
          `${worker.pid} tree ${startOf(worker.pid)}`,
          `${family.pid} tree 1234`, // of the leader, who is gone
        ),
      );
      expect(await guard.hangUp()).toBe(0);
      expect(await worker.ended).toBe("SIGKILL");
      expect(await Promise.all([stranger, younger].map(isSpared))).toEqual([true, true]);
      await vi.waitUntil(() => !isRunning(member), { timeout: 30_000 });
    },
  );

  inShell("knows a worker by its start whatever its name", async () => {
    const program = join(newFolder(), "a) S 1 (b");
    writeFileSync(program, "#!/bin/sh\necho ready\nsleep 300\n", { mode: 0o755 });
    const [right, wrong] = await startAll(`exec '${program}'`, `exec '${program}'`);
    const guard = startGuard(
      shell,
      tableOf(`${right.pid} tree ${startOf(right.pid)}`, `${wrong.pid} tree ${startOf(wrong.pid) + 1n}`),
    );
    expect(await guard.hangUp()).toBe(0);
    expect(await right.ended).toBe("SIGKILL");
    expect(await isSpared(wrong)).toBe(true);
  });

  inShell("kills by the number alone where /proc can't be read", async () => {
    const [one, two] = await startAll(SLEEPER, SLEEPER);
    // The one change to the script: it looks for start times where there are none.
    const script = GUARD_SCRIPT.replaceAll("/proc/", "/nowhere/");
    expect(script).not.toBe(GUARD_SCRIPT);
    const guard = startGuard(shell, tableOf(`${one.pid} tree ${startOf(one.pid)}`, `${two.pid}`), {
      script,
    });
    expect(await guard.hangUp()).toBe(0);
    expect(await Promise.all([one.ended, two.ended])).toEqual(["SIGKILL", "SIGKILL"]);
  });

  inShell(
    "passes over lines that mean nothing, everybody's and its own group among them, and reads on",
    async () => {
      const log = join(newFolder(), "log");
      // Nobody is killed here: a test that fails must not end the machine.
      const script = `kill() { echo "$*" >>'${log}'; }\n${GUARD_SCRIPT}`;
      const nothing = [
        "-",
        "abc",
        "*",
        "?",
        "$(true)",
        "12x",
        "-7",
        "+7",
        "x7",
        "0x7",
        "- 7",
        "# 7",
        "..",
        "0",
        "0 tree 5",
        "1",
        "1 tree 1",
      ];
      const guard = startGuard(shell, tableOf(...nothing, "7", "", "8 tree"), { script });
      expect(await guard.hangUp()).toBe(0);
      // Whether 7 and 8 are somebody is this machine's affair: they have no start here, so that they count.
      expect(readFileSync(log, "utf8")).toBe("-s KILL -- -7\n-s STOP -- -8\n-s KILL -- -8\n");
    },
  );

  inShell("ends at once where it can't have its table, so that the host hears of it", async () => {
    const folder = newFolder();
    rmSync(folder, { recursive: true });
    const { process, ended } = startGroup(
      shell[0] as string,
      [...shell.slice(1), "-c", GUARD_SCRIPT, "reapool-guard", folder, MARK],
      ["pipe", "ignore", "ignore"],
    );
    expect(await ended).toBeGreaterThan(0); // its input is still open
    process.stdin?.end();
  });

  inShell("has nothing to do with an empty table", async () => {
    for (const table of ["", tableOf("", "", "")]) {
      const guard = startGuard(shell, table);
      expect(await guard.hangUp()).toBe(0);
      expect(existsSync(guard.folder)).toBe(false);
    }
  });

  inShell("kills whoever traps signals, is stopped or busy, and members whose leader is gone", async () => {
    const [trapping, stopped, busy, family, orphaned] = await startAll(
      "trap '' TERM INT HUP QUIT; echo ready; while :; do sleep 300; done",
      SLEEPER,
      "echo ready; while :; do :; done",
      "sleep 300 >/dev/null & echo $!; wait",
      "sleep 300 >/dev/null & echo $!",
    );
    process.kill(stopped.pid, "SIGSTOP");
    await vi.waitUntil(() => stateOf(stopped.pid) === "T", { timeout: 30_000 });
    await orphaned.ended;
    const members = [family, orphaned].map(({ said }) => Number(said));
    expect(members.map(isRunning)).toEqual([true, true]);
    const guard = startGuard(
      shell,
      tableOf(...[trapping, stopped, busy, family, orphaned].map(({ pid }) => `${pid}`)),
    );
    expect(await guard.hangUp()).toBe(0);
    for (const { ended } of [trapping, stopped, busy, family]) expect(await ended).toBe("SIGKILL");
    await vi.waitUntil(() => !members.some(isRunning), { timeout: 30_000 });
  });

  inShell("removes the folder, whatever its name, and none beside it", async () => {
    const parent = newFolder();
    const folder = join(parent, ` a  folder's "name" \\n\nof two * lines $HOME -`, "-rf ");
    const neighbour = join(parent, "a");
    for (const path of [join(folder, "deep"), neighbour]) mkdirSync(path, { recursive: true });
    writeFileSync(join(folder, "deep", "file"), "");
    const [leader] = await startAll(SLEEPER);
    const guard = startGuard(shell, tableOf(`${leader.pid}`), { folder });
    expect(await guard.hangUp()).toBe(0);
    expect(await leader.ended).toBe("SIGKILL");
    expect([existsSync(folder), existsSync(neighbour)]).toEqual([false, true]);
  });

  inShell("outlives every signal that is sent to all, and does its work then", async () => {
    const [leader] = await startAll(SLEEPER);
    const guard = startGuard(shell, tableOf(`${leader.pid}`));
    await untilDeaf(guard.pid);
    for (const signal of [
      "SIGTERM",
      "SIGINT",
      "SIGHUP",
      "SIGQUIT",
      "SIGPIPE",
      "SIGALRM",
      "SIGUSR1",
      "SIGUSR2",
    ]) {
      process.kill(guard.pid, signal);
    }
    expect(await guard.hangUp()).toBe(0);
    expect(await leader.ended).toBe("SIGKILL");
    expect(existsSync(guard.folder)).toBe(false);
  });

  inShell("holds nothing open that the host has inherited", async () => {
    const folder = newFolder();
    writeFileSync(join(folder, "groups"), "");
    const inherited = ["4", "5", "6", "7", "8", "9"];
    const opening = `exec ${inherited.map((descriptor) => `${descriptor}</dev/null`).join(" ")}; exec "$@"`;
    const { process, pid, ended } = startGroup(
      "/bin/sh",
      ["-c", opening, "host", ...shell, "-c", GUARD_SCRIPT, "reapool-guard", folder, MARK],
      ["pipe", "ignore", "ignore"],
    );
    await untilOpen(pid);
    const isOpen = (descriptor: string) => existsSync(`/proc/${pid}/fd/${descriptor}`);
    await vi.waitUntil(() => !inherited.some(isOpen), { timeout: 30_000 });
    process.stdin?.end();
    expect(await ended).toBe(0);
  });
});

const startOf = (pid: number) =>
  BigInt(
    readFileSync(`/proc/${pid}/stat`, "utf8")
      .replace(/^.*\) /s, "")
      .split(" ")[19] as string,
  );

/** A tuple of leaders as long as the scripts given. */
async function startAll<Scripts extends readonly string[]>(...scripts: Scripts) {
  type Leaders = { [K in keyof Scripts]: Awaited<ReturnType<typeof startLeader>> };
  return (await Promise.all(scripts.map(startLeader))) as Leaders;
}
