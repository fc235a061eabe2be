/** Two ways out of the zombie besides the exit callback: fork twice, and let the kernel collect. */
import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { listProcesses } from "@reapool/core/testing";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { adapter, name } from "./support/adapter.ts";
import { programArguments, startCommand, startProgram } from "./support/host.ts";
import { canSeeProcesses } from "./support/leftovers.ts";
import { readText, statOf } from "./support/proc.ts";
import { alive, stateOf, until } from "./support/processes.ts";

let folder: string;
const daemons: number[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "detached-"));
});
afterEach(() => {
  for (const pid of daemons.splice(0)) if (alive([pid]).length > 0) process.kill(pid, "SIGKILL");
  rmSync(folder, { recursive: true });
});

async function detach(...[command]: Parameters<typeof adapter.spawnDetached>): Promise<number> {
  const pid = await adapter.spawnDetached(command);
  daemons.push(pid);
  return pid;
}

describe.skipIf(!canSeeProcesses)("spawnDetached", () => {
  it("starts a program with its arguments, environment and folder, and tells its pid", async () => {
    const file = join(folder, "told");
    const script = 'printf "%s|" "$@" "$MORE" "$PWD" > "$0.part" && mv "$0.part" "$0"; exec sleep 300';
    const args = ["-c", script, file, "two words", "", "it's", 'a "quote"', "new\nline", "$HOME"];
    const pid = await detach({ file: "/bin/sh", args, env: { MORE: "x=y" }, cwd: "/" });
    await until(() => existsSync(file));
    expect(readFileSync(file, "utf8").split("|").slice(0, -1)).toEqual([...args.slice(3), "x=y", "/"]);
    expect(stateOf(pid)).toMatch(/[SR]/);
  });

  it("takes the marks of workers out of its environment, and nothing else", async () => {
    const odd = {
      ODD: "a\nREAPOOL_abc=1\nexport REAPOOL_x='1'\nb",
      REAPOOL_TRACEE: "1",
      REAPOOL_: "2",
      MY_REAPOOL_a: "3",
    };
    const pid = await detach({
      file: "sleep",
      args: ["300"],
      env: { ...odd, REAPOOL_abc: "1", REAPOOL_0z9: "12", REAPOOL_x: 'it\'s "odd"\n' },
    });
    const environment = () => readText(`/proc/${pid}/environ`);
    await until(() => statOf(String(pid))?.name === "sleep" && environment() !== ""); // before, it is the shell that starts it
    const entries = environment().split("\0").filter(Boolean);
    const found = Object.fromEntries(
      entries.map((entry) => [entry.split("=")[0], entry.slice(entry.indexOf("=") + 1)]),
    );
    expect(found).toMatchObject({ ...odd, REAPOOL_OUTLIVES: "1" });
    expect(Object.keys(found).filter((key) => /^REAPOOL_[0-9a-z]+$/.test(key))).toEqual([]);
  });

  it("outlives the worker that started it, however that ends", async () => {
    const pool = adapter.createPool<typeof import("./fixtures/daemon-work.ts")>(
      new URL("./fixtures/daemon-work.ts", import.meta.url),
      { maxWorkers: 1 },
    );
    const pid = await pool.run("detach");
    daemons.push(pid);
    process.kill(pool.workers[0]?.pid as number, "SIGKILL");
    const second = await pool.run("detach");
    daemons.push(second);
    await pool.close(); // waits for the looks
    expect(alive([pid, second])).toEqual([pid, second]);
  });

  it("is below another process from the start, in a session without a terminal", async () => {
    const pid = await detach({ file: "sleep", args: ["300"] });
    const daemon = listProcesses().find((process) => process.pid === pid);
    expect(daemon?.parent).not.toBe(process.pid);
    expect(daemon?.session).not.toBe(listProcesses().find(({ pid }) => pid === process.pid)?.session);
  });

  it("outlives its host, also when that is killed with its group", async () => {
    const host = startProgram(programArguments("detaching-host.ts", "block", "sleep", "300"));
    const pid = Number(await host.said("daemon"));
    daemons.push(pid);
    process.kill(-(host.process.pid as number), "SIGKILL");
    await host.ended;
    expect(alive([pid])).toEqual([pid]);
  });

  it("is never a zombie of its host, even one whose loop is blocked", async () => {
    const host = startProgram(programArguments("detaching-host.ts", "block", "sleep", "300"));
    const daemon = Number(await host.said("daemon"));
    process.kill(daemon, "SIGKILL");
    const ofHost = () => listProcesses().filter(({ parent }) => parent === host.process.pid);
    await until(() => alive([daemon]).length === 0);
    expect(ofHost()).toEqual([]);
    process.kill(host.process.pid as number, "SIGKILL");
    await host.ended;
  });

  it("lets its host end", async () => {
    const host = startProgram(programArguments("detaching-host.ts", "end", "sleep", "300"));
    daemons.push(Number(await host.said("daemon")));
    expect((await host.ended).code).toBe(0);
  });

  it.each([
    ["a program that does not exist", { file: "/nonexistent/program" }, "there is no such file"],
    ["a name that is not on the PATH", { file: "no-such-program" }, "no such program on the PATH"],
    ["a shell builtin", { file: "exit" }, "not a program"],
    ["a folder", { file: "/" }, "it is a folder"],
    ["a folder to start in that does not exist", { file: "sleep", cwd: "/nonexistent" }, "/nonexistent"],
  ])("rejects for %s", async (_name, command, reason) => {
    const error = await adapter.spawnDetached(command).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(adapter.SpawnError);
    expect(error).toMatchObject({ code: "ERR_SPAWN", message: expect.stringContaining(reason) });
  });

  it("rejects for a file without the right to run it", async () => {
    const file = join(folder, "plain");
    writeFileSync(file, "#!/bin/sh\n");
    chmodSync(file, 0o600); // not even root runs a file that nobody may run
    await expect(adapter.spawnDetached({ file })).rejects.toMatchObject({ code: "ERR_SPAWN" });
  });

  it.each([
    ["no command", undefined],
    ["no file", {}],
    ["an option that does not exist", { file: "true", argv: [] }],
    ["arguments that are no list", { file: "true", args: "x" }],
  ])("rejects with a TypeError for %s", async (_name, command) => {
    await expect(adapter.spawnDetached(command as never)).rejects.toBeInstanceOf(TypeError);
  });
});

const hasBash = spawnSync("bash", ["-c", ":"]).status === 0;

describe.skipIf(!canSeeProcesses)("a foreign worker that starts processes and never waits", () => {
  const zombiesBelow = (parent: number) =>
    listProcesses().filter((process) => process.parent === parent && process.state === "Z").length;

  /** A pool whose only worker is that program: it is never ready, and need not be. */
  async function withForeignWorker(
    sigchld: "default" | "ignore",
    look: (pid: number) => Promise<void>,
  ): Promise<void> {
    const marker = join(folder, `started-${sigchld}`);
    const script = `(sleep 0.1; : > '${marker}') & exec sleep 300`;
    const pool = adapter.createPool(new URL("./fixtures/work.ts", import.meta.url), {
      minWorkers: 1,
      maxWorkers: 1,
      worker: {
        launcher: { name: "foreign", command: () => ({ file: "bash", args: ["-c", script] }) },
        sigchld,
        stdout: "ignore",
        stderr: "ignore",
      },
    });
    pool.ready().catch(() => {});
    await until(() => pool.workers[0]?.pid !== undefined && existsSync(marker));
    await look(pool.workers[0]?.pid as number);
    await pool.terminate();
  }

  it('has a zombie below it by default, and none with sigchld: "ignore"', async (context) => {
    if (!hasBash) context.skip("there is no bash");
    await withForeignWorker("default", async (pid) => {
      await until(() => zombiesBelow(pid) === 1);
    });
    await withForeignWorker("ignore", async (pid) => {
      await until(() => listProcesses().every(({ parent }) => parent !== pid));
      expect(readFileSync(`/proc/${pid}/status`, "utf8")).toMatch(/^SigIgn:\s+0*1\d{4}$/m);
    });
  });
});

describe("a host with SIGCHLD ignored", () => {
  // Why reapool does not offer it: the kernel collects what the runtime waits for.
  const told = { node: "7", bun: "ECHILD", deno: "No child processes" }[name];

  it(`is told ${told} of a process that exits with 7`, async (context) => {
    if (!hasBash) context.skip("there is no bash");
    const program = [process.execPath, ...programArguments("sigchld-host.ts")];
    const script = 'trap "" CHLD; exec "$@"';
    const ignoring = startCommand("bash", ["-c", script, "bash", ...program], process.env);
    expect(await ignoring.said("told")).toContain(told);
    await ignoring.ended;
    const usual = startProgram(programArguments("sigchld-host.ts"));
    expect(await usual.said("told")).toMatch(/^7\b/); // the control
    await usual.ended;
  });
});
