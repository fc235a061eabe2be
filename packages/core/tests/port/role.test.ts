/** What a process may start that is also the program of its workers. The state is the process's: it is put back. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { LaunchRequest } from "../../src/port/launcher.ts";
import { assertNoWorker, changeRole, ownCommand, role } from "../../src/port/role.ts";
import { makeServe } from "../../src/worker/own-program.ts";

const request: LaunchRequest = {
  module: "app:work",
  folder: "/tmp/folder",
  socket: "/tmp/folder/socket",
  execArgv: undefined,
  argv: ["a", "b"],
  cwd: undefined,
};
const NONE = { address: undefined, isServing: false, isWorker: false };
const address = { path: "/tmp/folder/socket", token: "secret" };

beforeEach(() => changeRole(NONE));
afterEach(() => changeRole(NONE));

describe("the command of a single executable", () => {
  it("is itself with the arguments, once it serves", () => {
    changeRole({ isServing: true });
    for (const execArgv of [undefined, []])
      expect(ownCommand("/app", { ...request, execArgv }, false)).toEqual({ file: "/app", args: ["a", "b"] });
  });

  it.each([
    ["does not serve", {}, request, false, /call `await serve\(work\)` of reapool\/worker/],
    ["was given a program", { isServing: true }, request, true, /runs no program but its own/],
    [
      "was given flags",
      { isServing: true },
      { ...request, execArgv: ["--expose-gc"] },
      false,
      /takes no flags of its runtime, received \["--expose-gc"\]/,
    ],
  ])("is refused where it %s", (_, state, asked, hasProgram, message) => {
    changeRole(state);
    expect(() => ownCommand("/app", asked, hasProgram)).toThrow(message);
  });
});

describe("a process that was started as a worker", () => {
  const program = (from: typeof address | undefined, started: unknown[]) =>
    makeServe({
      takeAddress: () => from,
      start: async (where, importModule) => {
        started.push(where, await importModule("app:work"));
      },
    });

  it("may start no workers until it is one, also when its variables have been taken", async () => {
    expect(() => assertNoWorker("secret")).toThrow(/started as a worker and is none/);
    const serve = program(address, []);
    expect(() => assertNoWorker(undefined)).toThrow(/started as a worker and is none/);
    void serve({});
    expect(() => assertNoWorker(undefined)).not.toThrow();
  });

  it("serves what it is given, once, and goes no further", async () => {
    const started: unknown[] = [];
    const serve = program(address, started);
    const work = { add: () => 1 };
    let isBack = false;
    const back = () => {
      isBack = true;
    };
    void serve((url) => ({ url, work })).then(back);
    void serve(work).then(back);
    await new Promise((resolve) => setTimeout(resolve, 10));
    expect(started).toEqual([address, { url: "app:work", work }]);
    expect(isBack).toBe(false);
    expect(role()).toEqual({ address: undefined, isServing: true, isWorker: true });
  });

  it("is a host where no pool has started it", async () => {
    const started: unknown[] = [];
    await program(undefined, started)({ add: () => 1 });
    expect(started).toEqual([]);
    expect(role()).toEqual({ address: undefined, isServing: true, isWorker: false });
  });

  it.each([undefined, null, "work", 3])("is given no exports: %s", async (work) => {
    await expect(program(undefined, [])(work as unknown as object)).rejects.toThrow(
      /Expected serve\(\) to be given the exports of the worker module, received/,
    );
    expect(role().isServing).toBe(false);
  });
});
