import { beforeEach, describe, expect, test } from "vitest";
import type { HostProcess } from "../../src/host/host-process.ts";
import { SOCKET_VARIABLE, TOKEN_VARIABLE } from "../../src/port/launcher.ts";
import type { Command } from "../../src/port/runtime.ts";
import { Marks } from "../../src/reaping/mark.ts";
import { prepareLaunch } from "../../src/slot/launch.ts";
import { FakeRuntime } from "../support/fake-runtime.ts";
import { resolveWorkerIn } from "../support/options.ts";

const door = { folder: "/f", socket: "/f/socket" };
const MODULE = "file:///m.ts";
const TOKEN = "0123456789abcdef";

let runtime: FakeRuntime;
let forgotten: number;
let spawned: Command[];
let marks: Marks;

beforeEach(() => {
  marks = new Marks("abc");
  runtime = new FakeRuntime();
  forgotten = 0;
  spawned = [];
});

function prepare(worker: object) {
  const host = {
    runtime,
    acceptor: { expect: () => ({ token: TOKEN, forget: () => void forgotten++ }) },
    guard: { add: () => {}, remove: () => {} },
    marks,
    spawn: (command: Command) => {
      spawned.push(command);
      return { pid: undefined, signal: () => false };
    },
  } as unknown as HostProcess;
  const group = {
    onStart: () => {},
    onRefused: () => {},
    onOutput: () => {},
    onOutputEnd: () => {},
    onExit: () => {},
  };
  const options = { ...resolveWorkerIn({ worker }), isStdoutRead: false };
  return prepareLaunch(host, door, MODULE, options, {
    welcome: () => expect.unreachable("nobody comes"),
    onKilled: () => expect.unreachable("nobody runs"),
    group,
  });
}

describe("a launch", () => {
  test("gives the launcher what it needs, and the worker its token and the socket, over any of its own", () => {
    let asked: unknown;
    const command = (target: unknown) => {
      asked = target;
      return { file: "mine", args: ["a"] };
    };
    const launched = prepare({
      launcher: { name: "mine", command },
      env: { A: "1", [TOKEN_VARIABLE]: "forged" },
      cwd: "/work",
      argv: ["x"],
      execArgv: ["--y"],
    });
    expect(asked).toEqual({ module: MODULE, ...door, execArgv: ["--y"], argv: ["x"], cwd: "/work" });
    expect(launched.journal.path.startsWith("/f/")).toBe(true);
    expect(spawned).toEqual([]); // an exit must find its owner ready
    launched.group.start();
    expect(spawned[0]).toMatchObject({
      file: "mine",
      args: ["a"],
      cwd: "/work",
      env: { A: "1", [SOCKET_VARIABLE]: door.socket, [TOKEN_VARIABLE]: TOKEN },
    });
    expect(launched.journal.path).not.toContain(TOKEN); // others may see the name
  });

  test("marks each worker with a number of its own, over any that it is given, unless only its group ends with it", () => {
    const env = { REAPOOL_abc: "forged", REAPOOL_OUTLIVES: "1", REAPOOL_outer: "3" };
    for (const containment of ["tree", "tree", "group"]) prepare({ containment, env }).group.start();
    const marked = (n: string) => ({ REAPOOL_abc: n, REAPOOL_OUTLIVES: "", REAPOOL_outer: "3" });
    for (const [n, expected] of [marked("1"), marked("2"), env].entries())
      expect(spawned[n]?.env).toMatchObject(expected);
  });

  test("opens the journal, which the host can read though its name is gone, and closes it at its end", () => {
    const { journal, dispose } = prepare({});
    const file = runtime.files.get(journal.path);
    file?.write(Uint8Array.of(1, 2, 3), 0);
    runtime.removeFile(journal.path);
    const bytes = new Uint8Array(3);
    expect([journal.read(bytes, 1), [...bytes]]).toEqual([2, [2, 3, 0]]);
    expect(runtime.openFiles.size).toBe(1);
    dispose();
    expect(runtime.openFiles.size).toBe(0);
  });

  test("takes the journal's name away at its end", () => {
    const { journal, dispose } = prepare({});
    expect(runtime.readFile(journal.path)).toEqual(new Uint8Array());
    dispose();
    expect(runtime.readFile(journal.path)).toBeUndefined();
  });

  test("that fails expects nobody any more, and leaves no journal", () => {
    const mine = new Error("mine");
    let journal: unknown;
    const command = () => {
      [journal] = runtime.openFiles;
      throw mine;
    };
    expect(() => prepare({ launcher: { name: "mine", command } })).toThrow(mine);
    expect(forgotten).toBe(1);
    expect([runtime.openFiles.size, runtime.readFile(journal as string)]).toEqual([0, undefined]);
  });
});

describe("a worker of another user", () => {
  test("may pass the folder, connect, and write its own journal, and no more", () => {
    const { journal } = prepare({ uid: 12, gid: 34 });
    expect(runtime.shared).toEqual([
      { path: "/f", access: { mode: 0o711 } },
      { path: "/f/socket", access: { uid: 12, gid: 34, mode: 0o600 } },
      { path: journal.path, access: { uid: 12, gid: 34 } },
    ]);
    expect(runtime.readFile(journal.path)).toEqual(new Uint8Array()); // it is there, for it could not make it
  });

  test("starts with what belongs to nobody in the host's environment, and with what it is given", () => {
    Object.assign(runtime.env, {
      PATH: "/bin",
      LC_ALL: "C",
      TZ: "UTC",
      HOME: "/root",
      SECRET: "s",
      LC_MINE: "s",
    });
    prepare({ uid: 12, gid: 34, env: { TZ: undefined, HOME: "/home/x" } }).group.start();
    const at = { [SOCKET_VARIABLE]: door.socket, [TOKEN_VARIABLE]: TOKEN };
    expect(spawned[0]).toMatchObject({ clearEnv: true });
    const mark = (n: string) => ({ REAPOOL_abc: n, REAPOOL_OUTLIVES: "" });
    expect(spawned[0]?.env).toEqual({
      ...mark("1"),
      PATH: "/bin",
      LC_ALL: "C",
      TZ: undefined,
      HOME: "/home/x",
      ...at,
    });
    prepare({ env: { A: "1" } }).group.start();
    expect(spawned[1]).toMatchObject({ clearEnv: false });
    expect(spawned[1]?.env).toEqual({ ...mark("2"), A: "1", ...at });
  });

  test("keeps the marks of the workers that its host is in, and its own", () => {
    const environ = "SECRET=s\0REAPOOL_outer=3\0REAPOOL_abc=9\0REAPOOL_TOKEN=t\0";
    runtime.openFile("/proc/self/environ").write(new TextEncoder().encode(environ), 0);
    prepare({ uid: 12, gid: 34 }).group.start();
    const { REAPOOL_outer, REAPOOL_abc, SECRET } = spawned[0]?.env ?? {};
    expect([REAPOOL_outer, REAPOOL_abc, SECRET]).toEqual(["3", "1", undefined]);
  });

  test("is refused when it can't be let in, and not expected any more", () => {
    const mine = new Error("EPERM");
    runtime.script.shareError = mine;
    expect(() => prepare({ uid: 12, gid: 34 })).toThrow(mine);
    expect([forgotten, runtime.openFiles.size]).toEqual([1, 0]);
  });

  test("is the only reason to open the folder", () => {
    prepare({});
    expect(runtime.shared).toEqual([]);
  });
});
