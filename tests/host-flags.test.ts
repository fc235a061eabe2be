/** However the host was started, its workers start, and have of its flags what makes sense in them. */
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { name } from "./support/adapter.ts";
import { startCommand } from "./support/host.ts";

const program = fileURLToPath(new URL("./fixtures/started-host.ts", import.meta.url));
const loading = `await import(${JSON.stringify(pathToFileURL(program).href)})`;

let folder: string;
let elsewhere: string;
beforeAll(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), "flags-")));
  elsewhere = join(folder, "else where");
  mkdirSync(elsewhere);
  const preload = "globalThis.preloaded = (globalThis.preloaded ?? 0) + 1;";
  mkdirSync(join(folder, "node_modules/hooks"), { recursive: true });
  const files = {
    "pre.mjs": preload,
    "pre load.cjs": preload,
    "node_modules/hooks/index.js": preload,
    "node_modules/hooks/package.json": '{ "name": "hooks", "main": "index.js" }',
    "some.env": "FROM_FILE=yes",
    "package.json": `{ "scripts": { "host": ${JSON.stringify(`"${process.execPath}" ${name === "deno" ? "run -A " : ""}"${program}"`)} } }`,
    "seen.mjs": `export const seen = () => ({
      preloaded: globalThis.preloaded ?? 0,
      fromFile: process.env.FROM_FILE,
      flags: [...process.execArgv, process.env.NODE_OPTIONS, process.env.BUN_OPTIONS].join(" "),
      inspect: Object.keys(process.env).filter((name) => name.includes("INSPECT")),
      cwd: process.cwd(),
    });`,
  };
  for (const [file, text] of Object.entries(files)) writeFileSync(join(folder, file), text);
});
afterAll(() => rmSync(folder, { recursive: true }));

interface Seen {
  readonly error?: string;
  readonly preloaded: number;
  readonly fromFile?: string;
  readonly flags: string;
  readonly inspect: readonly string[];
  readonly cwd: string;
}

interface Way {
  readonly env?: Record<string, string>;
  readonly request?: object;
  readonly file?: string;
}

/** What a worker of a host that was started so has seen. */
async function start(args: readonly string[], { env = {}, request = {}, file = process.execPath }: Way = {}) {
  const all = {
    ...process.env,
    HOST_REQUEST: JSON.stringify({ module: join(folder, "seen.mjs"), ...request }),
  };
  const inFolder = ["-c", 'cd "$1" && shift && exec "$@" < /dev/null', "sh", folder, file, ...args];
  const host = startCommand("/bin/sh", inFolder, { ...all, ...env });
  const seen = JSON.parse(await host.said("outcome")) as Seen;
  if (host.process.exitCode === null) host.process.kill("SIGKILL");
  await host.ended;
  expect(seen.error).toBeUndefined();
  return seen;
}

const OWN = /--inspect|--eval|--print|--test|--watch|--hot|--prof|--input-type|(?:^| )-[epi]( |$)/;

const WAYS: Record<string, Record<string, readonly string[]>> = {
  node: {
    "a debugger": ["--inspect=127.0.0.1:0", program],
    "a debugger on a port": ["--inspect-port", "0", "--inspect", program],
    "a debugger, in V8's spelling": ["--inspect_port=0", program],
    "--test": ["--test", "--test-reporter", "spec", "--test-timeout=60000", program],
    "--watch": ["--watch", "--watch-path", ".", program],
    "-e": ["--input-type", "module", "-e", loading],
    "--eval=": ["--input-type=module", `--eval=${loading}`],
    "-p": ["-p", `import(${JSON.stringify(pathToFileURL(program).href)})`],
    "a profile": [
      "--cpu-prof",
      "--cpu-prof-dir",
      "profiles",
      "--heap-prof",
      "--heap-prof-name=heap",
      program,
    ],
    "--entry-url": ["--entry-url", pathToFileURL(program).href],
    "-r": ["-r", "./pre load.cjs", program],
    "--title": ["--title", "host", "--stack-trace-limit=20", "--expose-gc", program],
  },
  bun: {
    run: ["run", program],
    "a debugger": ["--inspect=127.0.0.1:0", program],
    test: ["test", program],
    "--hot": ["--hot", program],
    "--watch run": ["--watch", "run", program],
    "-e": ["-e", loading],
    "--print": ["--print", loading],
    "a profile": ["--cpu-prof", "--cpu-prof-name", "host.cpuprofile", program],
    "--cwd": ["--cwd", "else where", program],
    "--smol": ["--smol", "--conditions", "reapool-source", program],
  },
  deno: {
    run: ["run", "-A", program],
    "a debugger": ["run", "-A", "--inspect=127.0.0.1:0", program],
    test: ["test", "-A", "--no-check", program],
    "--watch": ["run", "-A", "--watch", program],
    eval: ["eval", loading],
    "--v8-flags": ["run", "-A", "--v8-flags=--expose-gc", "--no-prompt", program],
    "--env-file": ["run", "-A", "--env-file=some.env", program],
    task: ["task", "host"],
  },
};

describe(`a host in ${name}, started with`, () => {
  it.each(Object.keys(WAYS[name] ?? {}))("%s has workers, which do not do the same", async (way) => {
    const { flags, inspect } = await start(WAYS[name]?.[way] ?? []);
    expect(flags).not.toMatch(OWN);
    expect(inspect).toEqual([]);
  });

  it("a debugger in a variable has workers without it", async () => {
    const kept = name === "bun" ? "BUN_OPTIONS" : "NODE_OPTIONS";
    const debugged =
      name === "bun"
        ? { BUN_INSPECT: "127.0.0.1:0", BUN_INSPECT_NOTIFY: "unix:///nonexistent" }
        : {
            NODE_OPTIONS: `${process.env.NODE_OPTIONS ?? ""} --inspect=127.0.0.1:0 --inspect-publish-uid http`,
          };
    if (name === "deno") return;
    const { flags, inspect } = await start([program], { env: debugged });
    expect(flags).not.toMatch(OWN);
    expect(inspect).toEqual([]);
    expect(flags).toContain(process.env[kept] ?? "");
  });

  it("an IPC channel has workers", async () => {
    const script = `const child = require("child_process").fork(${JSON.stringify(program)}, { stdio: "inherit" });
      child.on("exit", (code) => process.exit(code));`;
    const eval_ = { node: ["-e"], bun: ["-e"], deno: ["eval", "--ext=cjs"] }[name];
    await start([...eval_, script]);
  });
});

describe.skipIf(name === "deno")("a file in a flag", () => {
  const flags = {
    node: ["--import", "./pre.mjs", "-r", "./pre load.cjs", "--require=hooks", "--env-file", "some.env"],
    bun: ["--preload", "./pre.mjs", "-r", "./pre load.cjs", "--preload=hooks", "--env-file=some.env"],
    deno: [],
  }[name];

  it.each<[string, object]>([
    ["is found", {}],
    ["is found where the host has moved", { moveTo: "/" }],
    ["is found where the worker's folder is another", { worker: { cwd: "/" } }],
  ])("%s", async (_, request) => {
    const { preloaded, fromFile, cwd } = await start([...flags, program], { request });
    expect([preloaded, fromFile]).toEqual([3, "yes"]);
    expect(cwd).toBe("moveTo" in request || "worker" in request ? "/" : folder);
  });

  it("of a variable is found where the worker's folder is another", async () => {
    const [variable, text] =
      name === "bun"
        ? ["BUN_OPTIONS", "--preload=./pre.mjs"]
        : ["NODE_OPTIONS", '--import=./pre.mjs --require "./pre load.cjs" -r hooks'];
    const env = { [variable]: `${process.env[variable] ?? ""} ${text}`.trim() };
    const { preloaded } = await start([program], { env, request: { worker: { cwd: elsewhere } } });
    expect(preloaded).toBe(name === "bun" ? 1 : 3);
  });

  it("is not there without the flag", async () => {
    const request = { worker: { execArgv: name === "bun" ? [] : ["--no-warnings"] } };
    const { preloaded } = await start([...flags, program], { request });
    expect(preloaded).toBe(0);
  });
});
