/** The command of a worker, run for real in each shell there is: what reaches the program, and what it inherits. */
import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, describe, expect, it, test } from "vitest";
import { type WorkerSurroundings, workerCommand } from "../../src/slot/worker-command.ts";
import { canSeeProcesses } from "../support/real-processes.ts";

const PLAIN: WorkerSurroundings = {
  cwd: undefined,
  stdout: "inherit",
  isStdoutRead: false,
  sigchld: "default",
  niceness: undefined,
  umask: undefined,
  uid: undefined,
  gid: undefined,
};
const EVERYTHING = { sigchld: "ignore", niceness: 3, umask: 0o027 } as const;

const PROGRAM = { file: "/opt/run time/node", args: ["--flag", "main.js"] };

const folders: string[] = [];

afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "worker-command-"));
  folders.push(folder);
  return folder;
}

describe("without a shell", () => {
  it("is the launcher's command in its surroundings", () => {
    const env = { A: "1", B: undefined };
    expect(workerCommand(PROGRAM, { ...PLAIN, cwd: "/srv", uid: 1000, gid: 100 }, env)).toEqual({
      ...PROGRAM,
      env,
      cwd: "/srv",
      clearEnv: true,
      uid: 1000,
      gid: 100,
      stdout: "inherit",
      stderr: "pipe",
    });
  });

  it.each([
    ["inherit", "inherit"],
    ["ignore", "ignore"],
    ["capture", "pipe"],
  ] as const)("stdout %s is %s, and stderr always a pipe", (mode, stdout) => {
    expect(workerCommand(PROGRAM, { ...PLAIN, stdout: mode }, {})).toMatchObject({ stdout, stderr: "pipe" });
  });

  it.each(["inherit", "ignore", "capture"] as const)("stdout %s is a pipe where calls hear it", (mode) => {
    const heard = { ...PLAIN, stdout: mode, isStdoutRead: true };
    expect(workerCommand(PROGRAM, heard, {})).toMatchObject({ stdout: "pipe", stderr: "pipe" });
  });

  it("changes neither of what it is given", () => {
    const args = Object.freeze(["main.js"]);
    const command = Object.freeze({ file: "node", args });
    const worker = Object.freeze({ ...PLAIN, ...EVERYTHING });
    workerCommand(command, worker, Object.freeze({}));
    expect(command).toEqual({ file: "node", args: ["main.js"] });
  });
});

describe("with a shell", () => {
  it.each([{ umask: 0 }, { niceness: 0 }, { sigchld: "ignore" }] as const)("for %o", (asked) => {
    const command = workerCommand(PROGRAM, { ...PLAIN, ...asked }, {});
    expect(command.file).toBe("/bin/sh");
    expect(command.args[0]).toBe("-c");
    expect(command.args.slice(-3)).toEqual([PROGRAM.file, ...PROGRAM.args]);
  });

  it("there is one for everything, and the rest stays as it is", () => {
    const surroundings = { cwd: "/srv", uid: 1000, gid: 100, stdout: "capture" } as const;
    const command = workerCommand(PROGRAM, { ...PLAIN, ...EVERYTHING, ...surroundings }, { A: "1" });
    expect(command).toMatchObject({ ...surroundings, stdout: "pipe", stderr: "pipe", env: { A: "1" } });
    expect(command.args.filter((argument) => argument === "-c")).toHaveLength(1);
  });
});

/** Says its name and its arguments, each with a NUL behind it. */
const PRINT = ["-c", 'printf "%s\\0" "$0" "$@"'];
const ARGUMENTS = [
  "plain",
  "",
  "two words",
  "  blanks  ",
  `"double" and 'single'`,
  "$HOME `id` $(id)",
  "back\\slash",
  "*",
  "-n",
  "--",
  "a=b",
  "; exit 1",
  "line\nbreak",
  "größe ✓",
];

/** Made once for all tests: thousands of links. */
const paths = new Map<string, string>();

afterAll(() => {
  for (const folder of paths.values()) rmSync(folder, { recursive: true });
});

/** A PATH with everything that is on this one, less some programs. */
function pathWithout(...names: string[]): string {
  const made = paths.get(names.join());
  if (made !== undefined) return made;
  const folder = mkdtempSync(join(tmpdir(), "worker-command-path-"));
  paths.set(names.join(), folder);
  for (const source of (process.env.PATH ?? "").split(":").filter(existsSync)) {
    for (const name of readdirSync(source)) {
      if (names.includes(name) || existsSync(join(folder, name))) continue;
      try {
        symlinkSync(join(source, name), join(folder, name));
      } catch {
        // a link to nowhere of the same name
      }
    }
  }
  return folder;
}

interface Run {
  /** What stands for /bin/sh. */
  readonly shell: readonly [string, ...string[]];
  readonly PATH?: string | undefined;
  readonly uid?: number | undefined;
}

function run(asked: Partial<WorkerSurroundings>, { shell, PATH, uid }: Run, file: string, ...args: string[]) {
  const command = workerCommand({ file, args }, { ...PLAIN, ...asked }, {});
  expect(command.file).toBe("/bin/sh");
  const [program, ...more] = shell;
  return spawnSync(program, [...more, ...command.args], {
    encoding: "utf8",
    env: { ...process.env, PATH: PATH ?? process.env.PATH },
    timeout: 30_000,
    killSignal: "SIGKILL",
    ...(uid === undefined ? {} : { uid, gid: uid, cwd: "/" }),
  });
}

const works = (file: string, ...args: string[]) => spawnSync(file, args).status === 0;
// Without --norc it would read the start-up file of whoever runs the tests: its input is a socket.
const hasBash = works("bash", "--norc", "-c", ":");
const canEnv = works("env", "--ignore-signal=CHLD", "true");
const ownNiceness = Number(spawnSync("nice", { encoding: "utf8" }).stdout);
/** As `nice` says it. */
const niceness = (added: number) => `${Math.min(ownNiceness + added, 19)}`;
const isRoot = process.getuid?.() === 0;
const OTHER_USER = 61_234;
/** As one who is not root. */
const asOther = isRoot ? { uid: OTHER_USER, gid: OTHER_USER } : {};

/** What the program is: its pid, its umask and its niceness, a line each. */
const SURROUNDINGS = ["-c", "echo $$; umask; nice"];

const SHELLS: [string, readonly [string, ...string[]], boolean][] = [
  ["sh", ["/bin/sh"], true],
  ["dash", ["dash"], works("dash", "-c", ":")],
  ["bash", ["bash", "--norc"], hasBash],
  ["bash as sh", ["bash", "--norc", "--posix"], hasBash],
  ["busybox", ["busybox", "sh"], works("busybox", "sh", "-c", ":")],
];

describe.each(SHELLS)("in %s", (name, shell, isThere) => {
  const inShell = (title: string, body: (skip: (why: string) => void) => void) =>
    test(title, ({ skip }) => {
      if (!isThere) skip(`there is no ${name} on this machine`);
      body(skip);
    });

  inShell("the program has the shell's pid, and the umask and niceness that were asked for", () => {
    const { pid, stdout, stderr } = run({ umask: 0o027, niceness: 3 }, { shell }, "/bin/sh", ...SURROUNDINGS);
    expect(stdout.split("\n")).toEqual([`${pid}`, "0027", niceness(3), ""]);
    expect(stderr).toBe("");
  });

  inShell("either alone leaves the other as it is", () => {
    const lines = (asked: Partial<WorkerSurroundings>) =>
      run(asked, { shell }, "/bin/sh", ...SURROUNDINGS).stdout.split("\n");
    const ownUmask = spawnSync("/bin/sh", ["-c", "umask"], { encoding: "utf8" }).stdout.trim();
    expect(lines({ umask: 0 }).slice(1)).toEqual(["0000", niceness(0), ""]);
    expect(lines({ umask: 0o777 }).slice(1)).toEqual(["0777", niceness(0), ""]);
    expect(lines({ niceness: 0 }).slice(1)).toEqual([ownUmask, niceness(0), ""]);
    expect(lines({ niceness: 40 }).slice(1)).toEqual([ownUmask, niceness(40), ""]);
  });

  inShell("a lower niceness is had by who may have it, and else it fails the start and says so", () => {
    for (const who of [{}, asOther]) {
      const isRefused = spawnSync("nice", ["-n", "-2", "true"], { ...who, cwd: "/" }).stderr.length > 0;
      const { status, stdout, stderr } = run({ niceness: -2 }, { shell, ...who }, "nice");
      if (isRefused) {
        expect({ status, stdout }).toEqual({ status: 126, stdout: "" });
        expect(stderr).toContain("niceness of -2");
      } else expect({ status, stdout }).toEqual({ status: 0, stdout: `${niceness(-2)}\n` });
    }
  });

  inShell("all at once: SIGCHLD is ignored too", (skip) => {
    if (!canSeeProcesses) skip("it is read from /proc");
    if (!hasBash && !canEnv) skip("that takes bash or an env that can");
    // The program itself, and not a shell: some shells set a handler of their own.
    const read = ["-E", "^(Pid|Umask|SigIgn)", "/proc/self/status"];
    const { pid, stdout } = run(EVERYTHING, { shell }, "grep", ...read);
    const fields = Object.fromEntries(
      stdout
        .trim()
        .split("\n")
        .map((line) => line.split(/:\s*/)),
    );
    expect(fields).toMatchObject({ Pid: `${pid}`, Umask: "0027" });
    expect(ignoresSigchld(fields.SigIgn)).toBe(true);
    expect(run(EVERYTHING, { shell }, "nice").stdout).toBe(`${niceness(3)}\n`);
  });

  inShell("arguments reach the program as they are", () => {
    for (const asked of [EVERYTHING, { umask: 0o077 }, { niceness: 1 }]) {
      const { stdout, status } = run(asked, { shell }, "/bin/sh", ...PRINT, "name", ...ARGUMENTS);
      expect(stdout.split("\0")).toEqual(["name", ...ARGUMENTS, ""]);
      expect(status).toBe(0);
    }
  });

  inShell("no variable of the host's is changed by the way", () => {
    const { stdout } = run(EVERYTHING, { shell }, "env");
    const kept = Object.fromEntries(stdout.split("\n").map((line) => line.split(/=(.*)/s).slice(0, 2)));
    for (const name of ["PATH", "HOME"]) expect(kept[name]).toBe(process.env[name]);
  });
});

function ignoresSigchld(sigIgn: string | undefined): boolean {
  return ((BigInt(`0x${sigIgn?.trim()}`) >> 16n) & 1n) === 1n;
}

const WAYS: [string, boolean, () => string | undefined][] = [
  ["bash", hasBash, () => process.env.PATH],
  ["env, where there is no bash", canEnv, () => pathWithout("bash")],
];

describe.each(WAYS)("SIGCHLD ignored by %s", (way, isThere, path) => {
  const ignoring = (PATH: string | undefined, file: string, ...args: string[]) =>
    run({ sigchld: "ignore" }, { shell: ["/bin/sh"], PATH }, file, ...args);
  const byWay = (title: string, body: () => void) =>
    test(title, ({ skip }) => {
      if (!isThere) skip(`${way} can't do it on this machine`);
      body();
    });

  byWay("arguments reach the program as they are", () => {
    const { stdout, status } = ignoring(path(), "/bin/sh", ...PRINT, "name", ...ARGUMENTS);
    expect(stdout.split("\0")).toEqual(["name", ...ARGUMENTS, ""]);
    expect(status).toBe(0);
  });

  byWay("a program without arguments is run, and found on the PATH", () => {
    expect(ignoring(path(), "true")).toMatchObject({ status: 0, stdout: "", stderr: "" });
  });

  byWay("a program whose path has an equals sign is run", () => {
    const program = join(newFolder(), "a=b");
    writeFileSync(program, "#!/bin/sh\necho ran\n");
    chmodSync(program, 0o755);
    expect(ignoring(path(), program)).toMatchObject({ status: 0, stdout: "ran\n" });
  });

  byWay("the program takes the place of the shells: its exit is theirs", () => {
    expect(ignoring(path(), "/bin/sh", "-c", "exit 7").status).toBe(7);
    expect(ignoring(path(), "/bin/sh", "-c", "kill -KILL $$").signal).toBe("SIGKILL");
  });

  byWay("a program that does not exist is an exit with 127", () => {
    expect(ignoring(path(), "no-such-program").status).toBe(127);
  });

  test.skipIf(!canSeeProcesses)("it is ignored in the program, and by default it is not", ({ skip }) => {
    if (!isThere) skip(`${way} can't do it on this machine`);
    const read = ["-E", "^SigIgn", "/proc/self/status"];
    const ignores = ({ stdout }: { stdout: string }) => ignoresSigchld(stdout.split(":")[1]);
    expect(ignores(ignoring(path(), "grep", ...read))).toBe(true);
    expect(ignores(spawnSync("grep", read, { encoding: "utf8" }))).toBe(false);
  });
});
