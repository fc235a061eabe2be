/** What is asked of the runtime and what becomes of its answers; a real daemon is started by the contract. */
import { describe, expect, test } from "vitest";
import { SpawnError } from "../../src/errors.ts";
import type { Command, ProcessEvents } from "../../src/port/runtime.ts";
import { OUTLIVES } from "../../src/reaping/mark.ts";
import { type DetachedCommand, spawnDetachedOn } from "../../src/reaping/spawn-detached.ts";
import { settled } from "../support/fake-clock.ts";
import { FakeRuntime } from "../support/fake-runtime.ts";

/** A runtime whose shell does what the test says. */
function setUp(answer: (events: ProcessEvents) => void = () => {}) {
  const runtime = new FakeRuntime();
  const commands: Command[] = [];
  runtime.spawn = (command, events) => {
    commands.push(command);
    queueMicrotask(() => answer(events));
    return { pid: 5, signal: () => true };
  };
  return { runtime, commands, clock: runtime.clock, spawnDetached: spawnDetachedOn(runtime) };
}

const say = (events: ProcessEvents, stream: "stdout" | "stderr", text: string) =>
  events.onOutput(stream, new TextEncoder().encode(text));

function end(events: ProcessEvents, code: number | null, signal: string | null = null): void {
  events.onExit({ code, signal });
  for (const stream of ["stdout", "stderr"] as const) events.onOutputEnd(stream);
}

const started = (events: ProcessEvents) => {
  say(events, "stdout", "4711\n");
  end(events, 0);
};

describe("the shell that starts a daemon", () => {
  test("is given program and arguments as they are, as its own arguments", async () => {
    const { commands, spawnDetached } = setUp(started);
    const args = ["a b", `"'\\$HOME\``, "", "-x", "line\nbreak"];
    await spawnDetached({ file: "/opt/my server", args, cwd: "/srv", env: { A: "1", B: undefined } });
    const [command] = commands;
    expect(command).toMatchObject({
      file: "/bin/sh",
      env: { A: "1", B: undefined, REAPOOL_OUTLIVES: "1" },
      stdout: "pipe",
      stderr: "pipe",
    });
    expect(command?.args.slice(2)).toEqual(["reapool-detach", "/srv", "/opt/my server", ...args]);
    expect(command?.stdin).toBeUndefined();
  });

  test("is one for each daemon, and is told no more than it needs", async () => {
    const { commands, spawnDetached } = setUp(started);
    await Promise.all([spawnDetached({ file: "a" }), spawnDetached({ file: "b" })]);
    expect(commands.map(({ args, env }) => [args.slice(3), env])).toEqual([
      [["", "a"], OUTLIVES],
      [["", "b"], OUTLIVES],
    ]);
  });
});

describe("the pid of the daemon", () => {
  test("is what the shell says, once it has ended and said all", async () => {
    for (const order of [
      ["say", "end", "exit"],
      ["say", "exit", "end"],
      ["exit", "say", "end"],
    ]) {
      const { clock, spawnDetached } = setUp((events) => {
        for (const what of order) {
          if (what === "say") for (const part of ["47", "11", "\n"]) say(events, "stdout", part);
          else if (what === "exit") events.onExit({ code: 0, signal: null });
          else for (const stream of ["stdout", "stderr"] as const) events.onOutputEnd(stream);
        }
      });
      expect(await spawnDetached({ file: "server" })).toBe(4711);
      expect(clock.pending).toBe(0);
    }
  });

  test("keeps the host alive for as long as somebody waits for it", async () => {
    let finish = () => {};
    const { clock, spawnDetached } = setUp((events) => {
      finish = () => started(events);
    });
    const pid = spawnDetached({ file: "server" });
    await settled();
    expect(clock.referenced.size).toBe(1);
    finish();
    await pid;
    expect([clock.referenced.size, clock.pending]).toEqual([0, 0]);
  });
});

describe("a daemon that can't be started", () => {
  test.each<[string, (events: ProcessEvents) => void, string]>([
    [
      "no such program",
      (events) => {
        say(events, "stderr", "no program server that can be run\n");
        end(events, 127);
      },
      "Cannot start server: no program server that can be run",
    ],
    [
      "no /bin/sh",
      (events) => events.onExit({ code: null, signal: null, error: new Error("spawn /bin/sh ENOENT") }),
      "Cannot start server: spawn /bin/sh ENOENT",
    ],
    [
      "no /bin/sh, told by something that is no error",
      (events) => events.onExit({ code: null, signal: null, error: "spawn refused" }),
      "Cannot start server: spawn refused",
    ],
    [
      "no /bin/sh, told by nothing",
      (events) => events.onExit({ code: null, signal: null, error: null }),
      "Cannot start server: null",
    ],
    ["a shell that says nothing", (events) => end(events, 0), "Cannot start server: the shell ended with 0"],
    [
      "a shell that says something else",
      (events) => {
        say(events, "stdout", "hello\n");
        end(events, 0);
      },
      "Cannot start server: the shell ended with 0",
    ],
    [
      "a shell that was killed, after its word",
      (events) => {
        say(events, "stdout", "4711\n");
        end(events, null, "SIGKILL");
      },
      "Cannot start server: the shell ended with SIGKILL",
    ],
  ])("rejects with a SpawnError: %s", async (_, answer, message) => {
    const { clock, spawnDetached } = setUp(answer);
    const error = await spawnDetached({ file: "server" }).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(SpawnError);
    expect(error).toMatchObject({ code: "ERR_SPAWN", message });
    expect(clock.pending).toBe(0);
  });

  test("carries the runtime's own error as its cause", async () => {
    const cause = new Error("spawn /bin/sh EACCES");
    const { spawnDetached } = setUp((events) => events.onExit({ code: null, signal: null, error: cause }));
    await expect(spawnDetached({ file: "server" })).rejects.toMatchObject({ cause });
  });
});

describe("a command that is wrong", () => {
  test.each<[unknown, string]>([
    [undefined, "Expected `file` to be the path of a program, received undefined"],
    [{}, "Expected `file` to be the path of a program, received undefined"],
    [{ file: undefined }, "Expected `file` to be the path of a program, received undefined"],
    [{ file: "" }, 'Expected `file` to be a path, received ""'],
    [{ file: 5 }, "Expected `file` to be a path, received 5 (number)"],
    [{ file: "a", args: "b" }, 'Expected `args` to be an array of strings, received "b"'],
    [{ file: "a", args: ["b", 1] }, "Expected `args` to be an array of strings, received an array"],
    [{ file: "a", cwd: "" }, 'Expected `cwd` to be a path, received ""'],
    [{ file: "a", env: { PORT: 80 } }, "Expected `env.PORT` to be a string, received 80 (number)"],
    [{ file: "a", env: null }, "Expected `env` to be an object of strings, received null"],
  ])("%j rejects with a TypeError, and nothing is started", async (command, message) => {
    const { commands, clock, spawnDetached } = setUp();
    await expect(spawnDetached(command as DetachedCommand)).rejects.toThrow(new TypeError(message));
    expect([commands, clock.pending]).toEqual([[], 0]);
  });

  test.each<[unknown, RegExp]>([
    ["server", /^Expected `.*` to be an object, received "server"$/],
    [null, /^Expected `.*` to be an object, received null$/],
    [{ file: "a", arg: [] }, /^Unknown option `arg`: .*; did you mean args\?$/],
    [{ file: "a", stdio: "ignore" }, /^Unknown option `stdio`: expected one of file, args, env, cwd$/],
  ])("%j too", async (command, message) => {
    const { commands, spawnDetached } = setUp();
    const error = await spawnDetached(command as DetachedCommand).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(TypeError);
    expect((error as Error).message).toMatch(message);
    expect(commands).toEqual([]);
  });
});
