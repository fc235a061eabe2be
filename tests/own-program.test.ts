/**
 * `serve`: one program is host and worker. And what becomes of a program that is started as a worker and is none: it says so, and
 * starts nothing. Single executables proper are in the matrix (tests/deploy); Bun's is here as well, and Deno's is played.
 */
import { execFileSync } from "node:child_process";
import { chmodSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, it } from "vitest";
import { name } from "./support/adapter.ts";
import { programArguments, startCommand, startProgram } from "./support/host.ts";

const folder = realpathSync(mkdtempSync(join(tmpdir(), "own-program-")));
const log = join(folder, "log");
afterAll(() => rmSync(folder, { recursive: true }));

const fixture = fileURLToPath(new URL("fixtures/own-program.ts", import.meta.url));

/** What it prints, and how many processes of it there were. */
async function run(manner: string, start: string, executable?: string) {
  writeFileSync(log, "");
  const env = { ...process.env, OWN_PROGRAM_LOG: log };
  const host = executable
    ? startCommand(executable, [manner, start], env)
    : startProgram(programArguments("own-program.ts", manner, start), env);
  const { output, code } = await host.ended;
  const said = output.split("\n").filter((line) => line.startsWith("{"));
  return { code, said: said.map((line) => JSON.parse(line)), processes: readFileSync(log, "utf8").length };
}

const SERVED = {
  sum: 3,
  isOther: true,
  atLoading: [],
  now: [],
  code: "ERR_WORKER_EXIT",
  after: 4,
};

const served = (manner: string, start: string) => ({
  code: 0,
  said: [{ ...SERVED, argv: [manner, start] }],
  processes: 3, // the host, and a worker before and after the crash
});

const failed = (message: RegExp) => ({
  code: "ERR_WORKER_START",
  message: expect.stringMatching(message),
});

describe("a program that serves", () => {
  it.each([
    ["namespace", "program"],
    ["namespace", "itself"],
    ["function", "program"],
    ["twice", "itself"],
  ])("is host and worker: %s, started by %s", async (manner, start) => {
    expect(await run(manner, start)).toEqual(served(manner, start));
  });

  it("tells why the module can't be had", async () => {
    const { said, processes } = await run("failing", "program");
    expect(said).toMatchObject([failed(/could not load app:work: no such module$/)]);
    expect(processes).toBe(2);
  });

  it("tells what it was given instead of exports", async () => {
    const { said } = await run("nothing", "program");
    expect(said).toMatchObject([failed(/Expected serve\(\) to be given the exports .* received undefined/)]);
  });
});

describe("a program that is started as a worker and does not serve", () => {
  it.each(["program", "itself"])("starts no worker: %s", async (start) => {
    const { said, processes, code } = await run("bare", start);
    expect(said).toMatchObject([
      failed(/started as a worker and is none.*`await serve\(work\)` of reapool\/worker.*launcher\({/),
      failed(/exited with code 1 before it was ready/),
    ]);
    expect(processes).toBe(2);
    expect(code).toBe(1);
  });
});

describe.runIf(name === "bun")("an executable of `bun build --compile`", () => {
  const executable = join(folder, "compiled");
  const compile = () =>
    execFileSync(process.execPath, ["build", "--compile", fixture, `--outfile=${executable}`], {
      stdio: "ignore",
    });

  it("runs itself again", async () => {
    compile();
    for (const start of ["usual", "executable"])
      expect(await run("namespace", start, executable)).toEqual(served("namespace", start));
  });

  it.each(["usual", "executable"])("that does not serve starts nothing: %s", async (start) => {
    const { said, processes } = await run("bare", start, executable);
    expect(said).toMatchObject([failed(/single executable: call `await serve\(work\)` of reapool\/worker/)]);
    expect(processes).toBe(1);
  });

  it("runs no other program", async () => {
    const { said, processes } = await run("namespace", "program", executable);
    expect(said).toMatchObject([failed(/runs no program but its own/)]);
    expect(processes).toBe(1);
  });
});

// `deno compile` fetches what it puts the program into: here a script is the executable, and Deno is told that it is one.
describe.runIf(name === "deno")("an executable of `deno compile`", () => {
  const executable = join(folder, "compiled");
  function make(permission: string): void {
    const preload = join(folder, "preload.js");
    const played = [
      'Object.defineProperty(Deno, "build", { value: { ...Deno.build, standalone: true } });',
      `Object.defineProperty(Deno, "execPath", { value: () => ${JSON.stringify(executable)} });`,
    ];
    writeFileSync(preload, played.join("\n"));
    const command = [process.execPath, "run", ...permission.split(" "), "--preload", preload, fixture];
    writeFileSync(executable, `#!/bin/sh\nexec ${command.map((word) => `'${word}'`).join(" ")} "$@"\n`);
    chmodSync(executable, 0o755);
  }

  it("runs itself again", async () => {
    make("-A");
    expect(await run("namespace", "usual", executable)).toEqual(served("namespace", "usual"));
  });

  it("that does not serve starts nothing", async () => {
    make("-A");
    const { said, processes } = await run("bare", "usual", executable);
    expect(said).toMatchObject([failed(/single executable: call `await serve\(work\)` of reapool\/worker/)]);
    expect(processes).toBe(1);
  });

  it("that can't read the variables of a worker starts nothing", async () => {
    make(
      "--allow-read --allow-write --allow-net --allow-run --allow-sys --allow-ffi --allow-env=OWN_PROGRAM_LOG --no-prompt",
    );
    const { said, processes } = await run("namespace", "usual", executable);
    expect(said).toMatchObject([failed(/--allow-env=REAPOOL_SOCKET,REAPOOL_TOKEN/)]);
    expect(processes).toBe(1);
  });
});
