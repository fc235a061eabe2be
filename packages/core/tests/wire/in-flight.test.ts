/** What is held until the other side has taken it, frame by frame. */
import { describe, expect, it } from "vitest";
import { FrameType } from "../../src/wire/frame.ts";
import { InFlight, isAnsweredWithTaken } from "../../src/wire/in-flight.ts";

const SHARING = 3;
const held = [new ArrayBuffer(1)];

describe("a frame that names shared memory", () => {
  it.each(["Init", "Cancel", "StartFailed", "Result", "Failure", "Item", "Progress"] as const)(
    "is answered with a Taken when it is of type %s",
    (name) => {
      expect(isAnsweredWithTaken(FrameType[name], new Uint8Array([SHARING, 0]))).toBe(true);
      expect(isAnsweredWithTaken(FrameType[name], new Uint8Array([2, SHARING]))).toBe(false);
    },
  );

  it.each(["Input", "InputFailure"] as const)("has a byte before its value when it is of type %s", (name) => {
    expect(isAnsweredWithTaken(FrameType[name], new Uint8Array([0, SHARING]))).toBe(true);
    expect(isAnsweredWithTaken(FrameType[name], new Uint8Array([SHARING, 1]))).toBe(false);
  });

  it.each(["Call", "Pull", "PullInput", "Ping", "Taken", "Unsendable"] as const)(
    "is not answered when it is of type %s, whatever its payload begins with",
    (name) => {
      expect(isAnsweredWithTaken(FrameType[name], new Uint8Array([SHARING, SHARING, SHARING, SHARING]))).toBe(
        false,
      );
    },
  );
});

describe("what is in flight", () => {
  it("is let go of once for each Taken, and no more often", () => {
    const inFlight = new InFlight();
    inFlight.add(FrameType.Result, held);
    inFlight.add(FrameType.Item, held);
    expect([inFlight.taken(), inFlight.taken(), inFlight.taken()]).toEqual([true, true, false]);
  });

  it("is not what a Call names: its task holds that until it is answered", () => {
    const inFlight = new InFlight();
    inFlight.add(FrameType.Call, held);
    expect(inFlight.taken()).toBe(false);
  });
});
