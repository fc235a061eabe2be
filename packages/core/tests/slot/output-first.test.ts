import { describe, expect, test } from "vitest";
import { OutputFirst } from "../../src/slot/output-first.ts";

function scene(readsOf: (turn: number) => number) {
  const log: string[] = [];
  const due: (() => void)[] = [];
  let turn = 0;
  const first = new OutputFirst(
    { afterTurn: (callback) => void due.push(callback), reads: () => readsOf(turn), isCaptured: true },
    { pass: (bytes) => void log.push(`bytes ${bytes}`), onClosed: () => void log.push("closed") },
  );
  const turns = (count: number) => {
    for (let i = 0; i < count; i++) {
      turn++;
      for (const callback of due.splice(0)) callback();
    }
  };
  return { first, log, turns };
}

describe("what a worker sends while its output becomes events", () => {
  test("passes after a turn, in order, with its end behind it", () => {
    const { first, log, turns } = scene(() => 0);
    const buffer = new Uint8Array([1]);
    first.hold(buffer);
    buffer[0] = 9; // the adapter reuses it
    first.holdClosed();
    expect(log).toEqual([]);
    turns(1);
    expect(log).toEqual(["bytes 1", "closed"]);
    turns(5);
    expect(log).toHaveLength(2);
  });

  test("waits on while output comes, but not for ever", () => {
    const brief = scene((turn) => Math.min(turn, 5));
    brief.first.hold(new Uint8Array([1]));
    brief.turns(5);
    expect(brief.log).toEqual([]);
    brief.turns(1);
    expect(brief.log).toEqual(["bytes 1"]);
    const endless = scene((turn) => turn);
    endless.first.hold(new Uint8Array([1]));
    endless.turns(15);
    expect(endless.log).toEqual([]);
    endless.turns(1);
    expect(endless.log).toEqual(["bytes 1"]);
  });

  test("that comes meanwhile waits for turns of its own", () => {
    const { first, log, turns } = scene((turn) => Math.min(turn, 2));
    first.hold(new Uint8Array([1]));
    turns(2);
    first.hold(new Uint8Array([2]));
    turns(1);
    expect(log).toEqual(["bytes 1"]);
    turns(1);
    expect(log).toEqual(["bytes 1", "bytes 2"]);
  });

  test("is released at once, in order, where somebody must know", () => {
    const { first, log, turns } = scene((turn) => turn);
    first.hold(new Uint8Array([1]));
    turns(1);
    first.hold(new Uint8Array([2]));
    first.release();
    expect(log).toEqual(["bytes 1", "bytes 2"]);
    turns(9);
    expect(log).toHaveLength(2);
  });
});
