import { describe, expect, test } from "vitest";
import { resolveRunOptions } from "../../src/options/call-options.ts";
import type { Slot } from "../../src/slot/slot.ts";
import { type BroadcastCall, Broadcasts } from "../../src/task/broadcast.ts";
import type { Outcome } from "../../src/task/request.ts";
import { encode } from "../../src/wire/value.ts";
import { settled } from "../support/fake-clock.ts";
import { runtimeWith } from "../support/options.ts";

const slots = [1, 2, 3].map((id) => ({ id })) as unknown as Slot[];

function send() {
  const outcomes = new Map<number, Outcome>();
  const result = new Broadcasts().send(slots, ({ id }, outcome) => void outcomes.set(id, outcome));
  result.catch(() => {});
  return { result, outcome: (id: number) => outcomes.get(id) as Outcome };
}

describe("a broadcast", () => {
  test("gives the results in the order of the workers, whichever is there first", async () => {
    const { result, outcome } = send();
    for (const id of [3, 1, 2]) outcome(id).fulfil(`result ${id}`);
    expect(await result).toEqual(["result 1", "result 2", "result 3"]);
  });

  test("leaves out a worker that was gone before it began, and no result that is undefined", async () => {
    const { result, outcome } = send();
    outcome(1).fulfil(undefined);
    outcome(2).lost?.();
    outcome(3).fulfil("c");
    expect(await result).toEqual([undefined, "c"]);
  });

  test("waits for all before it rejects, with the error of the first worker that has one", async () => {
    const { result, outcome } = send();
    let isOver = false;
    result.catch(() => (isOver = true));
    outcome(3).fail?.("third");
    outcome(2).fail?.("second");
    await settled();
    expect(isOver).toBe(false);
    outcome(1).fulfil("first");
    await expect(result).rejects.toBe("second");
  });

  test("to nobody is an empty list", async () => {
    expect(await new Broadcasts().send([], () => expect.unreachable("nobody to send to"))).toEqual([]);
  });

  test("rejects with what is wrong with the call", async () => {
    const result = new Broadcasts().send(slots, () => {
      throw new Error("mine");
    });
    await expect(result).rejects.toThrow("mine");
  });
});

describe("a broadcast to later workers", () => {
  const runtime = runtimeWith(4);
  const call = (name: string, input: object = {}): BroadcastCall => ({
    name,
    args: encode([name], "args"),
    options: resolveRunOptions(input, { timeout: 5, queueTimeout: 6, concurrentTasksPerWorker: 1 }, runtime),
  });

  const none = () => expect.unreachable("all are known");
  const EXPORTS = ["a", "b", "reload"];

  test("is remembered without its signal and its waiting, which were those of the first sending", () => {
    const broadcasts = new Broadcasts();
    expect(broadcasts.takeLater(EXPORTS, none)).toEqual([]);
    const { signal } = new AbortController();
    const given = call("reload", { signal, timeout: 7, queueTimeout: 8 });
    broadcasts.remember(given);
    expect(broadcasts.takeLater(EXPORTS, none)).toEqual([
      { ...given, options: { ...given.options, signal: undefined, queueTimeout: Number.POSITIVE_INFINITY } },
    ]);
    expect(given.options.signal).toBe(signal);
  });

  test("takes the place of the last one of its name", () => {
    const broadcasts = new Broadcasts();
    for (const name of ["a", "b"]) broadcasts.remember(call(name));
    broadcasts.remember(call("a", { timeout: 9 }));
    expect(broadcasts.takeLater(EXPORTS, none).map(({ name, options }) => [name, options.timeout])).toEqual([
      ["a", 9],
      ["b", 5],
    ]);
  });

  test("is made by each worker that comes, until it is taken back", () => {
    const broadcasts = new Broadcasts();
    for (const name of ["a", "b"]) broadcasts.remember(call(name));
    const names = () => broadcasts.takeLater(EXPORTS, none).map(({ name }) => name);
    expect([names(), names()]).toEqual([
      ["a", "b"],
      ["a", "b"],
    ]);
    broadcasts.forget("a");
    broadcasts.forget("never sent");
    expect(names()).toEqual(["b"]);
    broadcasts.remember(call("a"));
    expect(names()).toEqual(["b", "a"]);
  });

  test("of a name that a worker does not have is told once, and forgotten; the others are made", () => {
    const broadcasts = new Broadcasts();
    for (const name of ["relaod", "a", "constructor"]) broadcasts.remember(call(name));
    const told: [string, string][] = [];
    const take = () =>
      broadcasts.takeLater(EXPORTS, ({ code, message }) => told.push([code as string, message]));
    expect(take().map(({ name }) => name)).toEqual(["a"]);
    expect(told).toEqual([
      ["ERR_UNKNOWN_TASK", expect.stringContaining("relaod")],
      ["ERR_UNKNOWN_TASK", expect.stringContaining("constructor")],
    ]);
    expect(told[0]?.[1]).toContain("did you mean reload?");
    expect(take().map(({ name }) => name)).toEqual(["a"]);
    expect(told).toHaveLength(2);
  });
});
