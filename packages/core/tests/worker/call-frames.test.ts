/** What a host may send about a call, frame by frame. */
import { describe, expect, test } from "vitest";
import { FrameType, WINDOW } from "../../src/wire/frame.ts";
import { bytesOfUint32 } from "../../src/wire/integers.ts";
import { checkCall, checkInput, grantOf } from "../../src/worker/call-frames.ts";
import { COUNT, callPayload, callsScene, SPIN } from "../support/calls-scene.ts";

const PROTOCOL = expect.objectContaining({ code: "ERR_PROTOCOL" });

describe("a Call", () => {
  const good = callPayload(1, [1], 7, [0]);

  test("that is whole passes", () => expect(() => checkCall(good, 2)).not.toThrow());

  test.each<[string, Uint8Array]>([
    ["nothing in it", Uint8Array.of()],
    ["half an index", Uint8Array.of(0)],
    ["no value", Uint8Array.of(0, 0, 0, 0)],
    ["fewer positions than it says", Uint8Array.of(0, 0, 0, 255, 1, 1, 0, 0, 0, 0)],
    ["an export that does not exist", callPayload(2, [])],
    ["the last export there could be", callPayload(65_535, [])],
    ["flags that do not exist", callPayload(0, [], 8)],
  ])("is refused with %s", (_, payload) => {
    expect(() => checkCall(payload, 2)).toThrow(PROTOCOL);
  });

  test("is refused when its number has been used, or is 0", () => {
    const { call } = callsScene();
    call(3, SPIN, "a", 0);
    for (const id of [0, 1, 3]) expect(() => call(id, SPIN, "a", 0)).toThrow(PROTOCOL);
    expect(() => call(4, SPIN, "a", 0)).not.toThrow();
  });
});

describe("a Pull", () => {
  const pull = (count: number) => Uint8Array.from(bytesOfUint32(count));

  test.each([
    [1, 0],
    [WINDOW, 0],
    [1, WINDOW - 1],
  ])("of %i on %i grants that", (count, pending) => expect(grantOf(pull(count), pending)).toBe(count));

  test.each<[string, Uint8Array, number]>([
    ["of nothing", pull(0), 0],
    ["beyond the window", pull(WINDOW + 1), 0],
    ["beyond what is left of it", pull(2), WINDOW - 1],
    ["of 4294967295", pull(2 ** 32 - 1), 0],
    ["without a count", Uint8Array.of(), 0],
    ["of three bytes", Uint8Array.of(0, 0, 1), 0],
    ["of five bytes", Uint8Array.of(0, 0, 0, 1, 1), 0],
  ])("%s is refused", (_, payload, pending) => expect(() => grantOf(payload, pending)).toThrow(PROTOCOL));

  test("is refused for a stream that has sent nothing of the last", async () => {
    const scene = callsScene();
    scene.callWith(1, COUNT, [1_000], 1);
    scene.pull(1, WINDOW);
    expect(() => scene.pull(1, 1)).toThrow(PROTOCOL);
  });
});

test.each<[string, number, number]>([
  ["an Input without a value", FrameType.Input, 1],
  ["an Input of nothing", FrameType.Input, 0],
  ["an InputFailure without a value", FrameType.InputFailure, 3],
  ["an InputEnd of nothing", FrameType.InputEnd, 0],
  ["an InputEnd with more", FrameType.InputEnd, 2],
])("%s is refused", (_, type, bytes) => {
  expect(() => checkInput(type, new Uint8Array(bytes))).toThrow(PROTOCOL);
});

test("a frame of a call that was never given is refused", () => {
  const scene = callsScene();
  scene.call(1, SPIN, "a", 0);
  for (const id of [0, 2, 2 ** 32 - 1]) {
    expect(() => scene.cancel(id)).toThrow(PROTOCOL);
    expect(() => scene.pull(id, 1)).toThrow(PROTOCOL);
    expect(() => scene.input(id, 0, "a")).toThrow(PROTOCOL);
  }
});
