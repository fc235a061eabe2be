/** How a worker connects where strangers crowd at the door: knock.ts. */
import { describe, expect, test, vi } from "vitest";
import { type Connect, knock } from "../../src/worker/knock.ts";

/** Time passes as fast as it can. */
function setUp() {
  let now = 0;
  const exits: number[] = [];
  const host = {
    socket: "/folder/socket",
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

  test("says in one line that it does not reach its host, and nothing where that is gone", async () => {
    const { host, exits } = setUp();
    const print = vi.spyOn(console, "error").mockImplementation(() => {});
    try {
      await knock(host, connecting([new Error("no such socket\n  at once")]).connect);
      expect(print.mock.calls).toEqual([
        [expect.stringMatching(/^Expected .* at \/folder\/socket, received: no such socket\. If its .*$/)],
      ]);
      await knock(host, connecting([Object.assign(new Error("nobody"), { code: "ECONNREFUSED" })]).connect);
      await knock(host, connecting([crowded(), new Error("gone")]).connect);
      await settled();
      expect(print).toHaveBeenCalledTimes(1);
      expect(exits).toEqual([69, 0, 0]);
    } finally {
      print.mockRestore();
    }
  });

  test("gives up after a hundred tries", async () => {
    const { host, exits } = setUp();
    const { connect, outcomes } = connecting([crowded()]);
    await knock(host, connect);
    await settled();
    expect([outcomes.length, exits]).toEqual([100, [0]]);
  });
});
