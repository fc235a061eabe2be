/** What is held until the other side has taken it, frame by frame. */
import { describe, expect, it } from "vitest";
import { FrameType } from "../../src/wire/frame.ts";
import { InFlight, isAnsweredWithTaken } from "../../src/wire/in-flight.ts";

const SHARING = 3;
const held = [new ArrayBuffer(1)];

describe("a frame that names shared memory", () => {
  it.each([
    ["Init", 0],
    ["Cancel", 0],
    ["StartFailed", 0],
    ["Item", 0],
    ["Progress", 0],
    ["Input", 1],
    ["InputFailure", 1],
    ["Result", 4],
    ["Failure", 4],
  ] as const)("is answered with a Taken when it is of type %s, whose value begins at %i", (name, start) => {
    for (const at of [0, 1, 2, 3, 4, 5]) {
      const payload = new Uint8Array(6).fill(2);
      payload[at] = SHARING;
      expect(isAnsweredWithTaken(FrameType[name], payload)).toBe(at === start);
    }
  });

  it.each(["Call", "Pull", "PullInput", "Ping", "Taken", "Bytes", "Unsendable"] as const)(
    "is not answered when it is of type %s, whatever its payload begins with",
    (name) => {
      expect(isAnsweredWithTaken(FrameType[name], new Uint8Array(8).fill(SHARING))).toBe(false);
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
