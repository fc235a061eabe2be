import { expect, test } from "vitest";
import { Allowances } from "../../src/slot/allowances.ts";
import { Outbox } from "../../src/slot/outbox.ts";
import { OutputFirst } from "../../src/slot/output-first.ts";
import { FrameType } from "../../src/wire/frame.ts";
import type { FrameWriter } from "../../src/wire/frame-writer.ts";
import { encode } from "../../src/wire/value.ts";

const ARGS = encode([], "args");
const PREFIX = [0, 0, 0, 0];

function scene() {
  const sent: unknown[] = [];
  const due: (() => void)[] = [];
  let reads = 0;
  const writer = { write: (type: number, task: number) => sent.push([type, task]) } as unknown as FrameWriter;
  const first = new OutputFirst(
    { afterTurn: (callback) => void due.push(callback), reads: () => reads, isCaptured: false },
    { pass: ([byte]) => sent.push(`byte ${byte}`), onClosed: () => {} },
  );
  const outbox = new Outbox(writer, "graph", new Allowances(), first);
  const turn = (read = false) => {
    if (read) reads++;
    for (const callback of due.splice(0)) callback();
  };
  return { outbox, first, sent, turn };
}

test("a call that hears output leaves when what was written before was read, and what belongs to it stays behind it", () => {
  const { outbox, first, sent, turn } = scene();
  expect(first.isOn).toBe(false);
  outbox.callHearing(7, PREFIX, ARGS, () => sent.push("heard from here"));
  outbox.link(7).pull(3);
  outbox.cancel(7, ARGS);
  turn(true);
  expect(sent).toEqual([]);
  turn();
  const frames = [
    [FrameType.Call, 7],
    [FrameType.Pull, 7],
    [FrameType.Cancel, 7],
  ];
  expect(sent).toEqual(["heard from here", ...frames]);
  expect(first.isOn).toBe(true);
  outbox.endHearing();
  expect(first.isOn).toBe(false);
  outbox.call(8, PREFIX, ARGS);
  expect(sent.at(-1)).toEqual([FrameType.Call, 8]);
});

test("a call that waits for output when its worker dies never leaves", () => {
  const { outbox, sent, turn } = scene();
  outbox.callHearing(1, PREFIX, ARGS, () => sent.push("heard"));
  outbox.end();
  turn();
  expect(sent).toEqual([]);
});

test("what waits when the last call has ended stays in order", () => {
  const { outbox, first, sent, turn } = scene();
  outbox.callHearing(1, PREFIX, ARGS, () => {});
  turn();
  sent.length = 0;
  first.hold(new Uint8Array([1]));
  outbox.endHearing();
  expect(first.isOn).toBe(true); // what comes now must not overtake
  first.hold(new Uint8Array([2]));
  turn();
  turn();
  expect(sent).toEqual(["byte 1", "byte 2"]);
  expect(first.isOn).toBe(false);
});
