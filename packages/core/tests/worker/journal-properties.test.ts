/** A journal under random appends, starts and keeps, whose writer may die at any byte and whose disk may be full. */
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { FIRST_BYTES, KEPT_BYTES, RING_BYTES, SEGMENT_BYTES } from "../../src/wire/journal.ts";
import { runs } from "../support/effort.ts";
import type { FakeFile } from "../support/fake-files.ts";
import { JournalScene, Killed, MAPPED_AFTER, mappable } from "../support/journal-scene.ts";

/** What can be mapped now. */
let file: FakeFile | undefined;
let restore = () => {};

beforeEach(() => {
  restore = mappable(() => file);
});

afterEach(() => restore());

type Step =
  | { readonly do: "append" | "send"; readonly length: number }
  | { readonly do: "starts" | "keep" | "fill" | "empty" }
  | { readonly do: "die"; readonly after: number };

const length = fc.oneof(
  { weight: 6, arbitrary: fc.integer({ min: 0, max: 300 }) },
  { weight: 2, arbitrary: fc.integer({ min: 0, max: 9_000 }) },
  { weight: 1, arbitrary: fc.integer({ min: 0, max: 150_000 }) },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      ...[95, 96, FIRST_BYTES - 20, KEPT_BYTES, KEPT_BYTES + 1, SEGMENT_BYTES - 40, RING_BYTES],
    ),
  },
);

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 10,
    arbitrary: fc.record({
      do: fc.constantFrom("append" as const, "append" as const, "send" as const),
      length,
    }),
  },
  { weight: 6, arbitrary: fc.record({ do: fc.constantFrom("starts" as const, "keep" as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constantFrom("fill" as const, "empty" as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("die" as const), after: fc.nat(40_000) }) },
);

const given = fc.record({
  /** Small, or just below 2³². */
  base: fc.oneof(
    fc.nat(1_000),
    fc.nat(200_000).map((below) => 2 ** 32 - below),
  ),
  /** Notes before the first step, so that it may be mapped in any. */
  notes: fc.oneof(fc.nat(5), fc.integer({ min: MAPPED_AFTER - 12, max: MAPPED_AFTER })),
  isMappable: fc.boolean(),
  steps: fc.array(step, { maxLength: 30 }),
  /** Where a reader stands: so many bytes before the end. */
  behind: fc.array(fc.oneof(fc.nat(100), fc.nat(KEPT_BYTES + 10), fc.nat(200_000)), {
    minLength: 3,
    maxLength: 6,
  }),
});

/** Returns whether the worker lives on. */
function carryOut(scene: JournalScene, now: Step): boolean {
  try {
    switch (now.do) {
      case "append":
        scene.append(now.length);
        break;
      case "send":
        scene.send(now.length);
        break;
      case "starts":
        scene.starts();
        break;
      case "keep":
        scene.keep();
        break;
      case "fill":
      case "empty":
        scene.file.isFull = now.do === "fill";
        break;
      case "die":
        scene.file.dies = now.after;
        break;
    }
    return true;
  } catch (error) {
    if (error instanceof Killed) return false;
    throw error;
  }
}

function scenes(
  check: (scene: JournalScene, steps: readonly Step[], behind: readonly number[]) => void,
): void {
  fc.assert(
    fc.property(given, ({ base, notes, isMappable, steps, behind }) => {
      const scene = new JournalScene(base);
      file = isMappable ? scene.file : undefined;
      scene.open();
      for (let n = 0; n < notes; n++) scene.starts();
      check(scene, steps, behind);
    }),
    { numRuns: runs(200) },
  );
}

describe("whoever has received any part of it gets exactly what follows, or nothing", () => {
  test("after each step, also when the worker dies in the middle of a write and the disk is full", () => {
    scenes((scene, steps, behind) => {
      for (const now of steps) {
        const isAlive = carryOut(scene, now);
        for (const bytes of behind) {
          const received = Math.max(scene.base, scene.total - bytes);
          expect(scene.fault(received)).toBeUndefined();
        }
        if (!isAlive) return;
      }
    });
  });

  test("while the worker writes on between any two looks of the reader", () => {
    scenes((scene, steps, behind) => {
      let isAlive = true;
      const rest = [...steps];
      const racing = {
        read: (bytes: Uint8Array, at: number) => {
          const there = scene.file.read(bytes, at);
          const next = isAlive ? rest.shift() : undefined;
          if (next !== undefined) isAlive = carryOut(scene, next);
          return there;
        },
      };
      for (let round = 0; rest.length > 0 && isAlive && round < 100; round++) {
        const received = Math.max(scene.base, scene.total - (behind[round % behind.length] as number));
        const promised = scene.safe;
        scene.safe = undefined; // what was safe may be gone by the end of the look
        const fault = scene.fault(received, racing);
        scene.safe ??= promised;
        expect(fault).toBeUndefined();
      }
    });
  });
});
