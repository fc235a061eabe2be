import { describe, expect, test } from "vitest";
import { ProtocolError } from "../../src/errors.ts";
import { Allowances } from "../../src/slot/allowances.ts";
import { CallFlag } from "../../src/wire/frame.ts";

const CALL = 7;
const prefix = (flags: number, ...positions: number[]) => [0, 1, flags, positions.length, ...positions];

function after(flags: number, ...positions: number[]): Allowances {
  const allowances = new Allowances();
  allowances.onCall(CALL, prefix(flags, ...positions));
  return allowances;
}

const allowed = (send: () => void) => expect(send).not.toThrow();
const refused = (send: () => void) => expect(send).toThrow(ProtocolError);

describe("a worker may send", () => {
  test("so many items as were pulled of a stream, and of nothing else", () => {
    const stream = after(CallFlag.Stream);
    refused(() => stream.item(CALL));
    stream.onPull(CALL, 2);
    allowed(() => stream.item(CALL));
    allowed(() => stream.item(CALL));
    refused(() => stream.item(CALL));
    refused(() => after(CallFlag.Progress).item(CALL));
  });

  test("progress of a call that listens to it", () => {
    allowed(() => after(CallFlag.Progress).progress(CALL));
    refused(() => after(CallFlag.Stream).progress(CALL));
    refused(() => after(0).progress(CALL));
  });

  test("requests for an argument that is an iterable, for so many as can be on their way", () => {
    const reader = after(0, 0, 2);
    allowed(() => reader.pullInput(CALL, 2, 16));
    refused(() => reader.pullInput(CALL, 2, 1));
    reader.onInput(CALL, 2);
    allowed(() => reader.pullInput(CALL, 2, 1));
    refused(() => reader.pullInput(CALL, 1, 1));
    allowed(() => reader.inputStop(CALL, 0));
    refused(() => reader.inputStop(CALL, 1));
  });

  test("nothing for a call that it has answered, or never had", () => {
    const stream = after(CallFlag.Stream | CallFlag.Progress);
    stream.onPull(CALL, 5);
    refused(() => stream.item(CALL + 1));
    stream.onAnswer(CALL);
    refused(() => stream.item(CALL));
    refused(() => stream.progress(CALL));
  });
});
