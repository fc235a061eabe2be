/** What is asked of the runtime, and when the end of a script is told; real shells are run by the contract. */
import { describe, expect, test } from "vitest";
import type { Command, ProcessEvents } from "../../src/port/runtime.ts";
import { shell } from "../../src/reaping/shell.ts";
import { settled } from "../support/fake-clock.ts";
import { FakeRuntime } from "../support/fake-runtime.ts";

function setUp() {
  const runtime = new FakeRuntime();
  const started: { command: Command; events: ProcessEvents }[] = [];
  runtime.spawn = (command, events) => {
    started.push({ command, events });
    return { pid: 5, signal: () => true };
  };
  const events = () => started.at(-1)?.events as ProcessEvents;
  const say = (stream: "stdout" | "stderr", ...bytes: number[]) =>
    events().onOutput(stream, new Uint8Array(bytes));
  const end = () => {
    for (const stream of ["stdout", "stderr"] as const) events().onOutputEnd(stream);
  };
  return { runtime, clock: runtime.clock, started, events, say, end };
}

const [FIRST, SECOND] = [...new TextEncoder().encode("é")] as [number, number];
const EXITED = { code: 0, signal: null };

describe("a shell script", () => {
  test("is given its parameters as they are, and what else a command has", () => {
    const { runtime, started } = setUp();
    void shell(runtime, "exit 3");
    void shell(runtime, 'echo "$1"', { parameters: ["me", "a b"], env: { A: "1" }, cwd: "/srv", uid: 7 });
    const common = { file: "/bin/sh", stdout: "pipe", stderr: "pipe" };
    expect(started.map(({ command }) => command)).toEqual([
      { ...common, args: ["-c", "exit 3"], env: {} },
      { ...common, args: ["-c", 'echo "$1"', "me", "a b"], env: { A: "1" }, cwd: "/srv", uid: 7 },
    ]);
  });

  test("has ended when its exit is told and both its streams are at their end, and keeps the host alive until then", async () => {
    const { runtime, clock, events, say, end } = setUp();
    let isOver = false;
    const ended = shell(runtime, "").finally(() => {
      isOver = true;
    });
    events().onExit(EXITED);
    events().onOutputEnd("stderr");
    await settled();
    expect([isOver, clock.referenced.size]).toEqual([false, 1]);
    say("stdout", 0x61); // somebody it started writes still
    events().onOutputEnd("stdout");
    expect(await ended).toEqual({ exit: EXITED, stdout: "a", stderr: "" });
    expect(clock.pending).toBe(0);
    const other = shell(runtime, "");
    end();
    events().onExit(EXITED);
    expect(await other).toEqual({ exit: EXITED, stdout: "", stderr: "" });
  });

  test("that can't be started has no output to wait for", async () => {
    const { runtime, clock, events } = setUp();
    const ended = shell(runtime, "");
    const exit = { code: null, signal: null, error: "refused" };
    events().onExit(exit);
    expect(await ended).toEqual({ exit, stdout: "", stderr: "" });
    expect(clock.pending).toBe(0);
  });

  test("says letters that come in two pieces, each stream its own, and no half of one silently", async () => {
    const { runtime, events, say, end } = setUp();
    const ended = shell(runtime, "");
    say("stdout", FIRST);
    say("stderr", 0x78, FIRST);
    say("stdout", SECOND, FIRST);
    say("stderr", SECOND);
    end();
    events().onExit(EXITED);
    expect(await ended).toMatchObject({ stdout: "é\uFFFD", stderr: "xé" });
  });
});
