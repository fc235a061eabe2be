/** How a worker connects where strangers crowd at the door: knock.ts. */
import { describe, expect, test } from "vitest";
import { type Connect, knock } from "../../src/worker/knock.ts";

/** Time passes as fast as it can. */
function setUp() {
  let now = 0;
  const exits: number[] = [];
  const host = {
    after: (ms: number, callback: () => void) => {
      now += ms;
      queueMicrotask(callback);
    },
    exit: (code: number) => void exits.push(code),
  };
  return { host, exits, at: () => now };
}

const crowded = () => Object.assign(new Error("try again"), { code: "EAGAIN" });

/** Connects as the list says: it throws, or is told of its close, or stays. */
function connecting(attempts: (Error | "closed" | "heard, then closed" | "open")[]) {
  const outcomes: boolean[] = [];
  const connect: Connect = async (heard, turnedAway) => {
    const attempt = attempts[Math.min(outcomes.length, attempts.length - 1)];
    outcomes.push(!(attempt instanceof Error));
    if (attempt instanceof Error) throw attempt;
    if (attempt === "heard, then closed") heard();
    if (attempt !== "open" && !turnedAway()) outcomes.push(false);
  };
  return { connect, outcomes };
}

/** Everything here follows in microtasks. */
const settled = () => new Promise((resolve) => setTimeout(resolve));

describe("a worker", () => {
  test("connects once where it is let in", async () => {
    const { host, exits } = setUp();
    const { connect, outcomes } = connecting(["open"]);
    await knock(host, connect);
    expect([outcomes, exits]).toEqual([[true], []]);
  });

  test("connects again, a little later, where the queue is full or it was closed unheard", async () => {
    const { host, exits, at } = setUp();
    const { connect, outcomes } = connecting([crowded(), crowded(), "closed", "open"]);
    await knock(host, connect);
    await settled();
    expect([outcomes, exits]).toEqual([[false, false, true, true], []]);
    expect(at()).toBeGreaterThanOrEqual(40);
  });

  test("does not connect again once it was heard", async () => {
    const { host } = setUp();
    const { connect, outcomes } = connecting(["heard, then closed", "open"]);
    await knock(host, connect);
    await settled();
    expect(outcomes).toEqual([true, false]);
  });

  test("fails with the first error that is no crowd, and ends where a later one says that the host is gone", async () => {
    const { host, exits } = setUp();
    await expect(knock(host, connecting([new Error("no such socket")]).connect)).rejects.toThrow(
      "no such socket",
    );
    await knock(host, connecting([crowded(), new Error("gone")]).connect);
    await settled();
    expect(exits).toEqual([0]);
  });

  test("gives up after a hundred tries", async () => {
    const { host, exits } = setUp();
    const { connect, outcomes } = connecting([crowded()]);
    await knock(host, connect);
    await settled();
    expect([outcomes.length, exits]).toEqual([100, [0]]);
  });
});
