import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { GRACE_MS, judge, type Verdict } from "../../src/reaping/orphan.ts";

const HOST_SESSION = 900;
const FOREIGN = 4_321;
const PID = 2_000;
const SEEN_AT = 5_000;

describe("the verdict on a dead process", () => {
  test.each<[string, { session: number; age: number; isOwn?: boolean; toldUntil?: number }, Verdict]>([
    ["another's session: adopted at once", { session: FOREIGN, age: 0, toldUntil: 0 }, "adopted"],
    ["the host's session: not yet", { session: HOST_SESSION, age: 0 }, "unclear"],
    ["the host's session, just before the grace", { session: HOST_SESSION, age: GRACE_MS - 1 }, "unclear"],
    ["the host's session, after the grace", { session: HOST_SESSION, age: GRACE_MS }, "adopted"],
    [
      "the host's session, after the grace, the ends not told until then",
      { session: HOST_SESSION, age: 1e9, toldUntil: SEEN_AT - 1 },
      "unclear",
    ],
    [
      "the host's session, no end ever told",
      { session: HOST_SESSION, age: 1e9, toldUntil: Number.NEGATIVE_INFINITY },
      "unclear",
    ],
    ["a session of its own: not yet", { session: PID, age: 0 }, "unclear"],
    ["a session of its own, just before the grace", { session: PID, age: GRACE_MS - 1 }, "unclear"],
    ["a session of its own, after the grace", { session: PID, age: GRACE_MS }, "adopted"],
    [
      "a session of its own, the ends not told",
      { session: PID, age: 1e9, toldUntil: SEEN_AT - 1 },
      "unclear",
    ],
    ["the pool's, fresh", { session: PID, age: 0, isOwn: true }, "own"],
    ["the pool's, however old", { session: PID, age: 1e9, isOwn: true }, "own"],
    ["the pool's, in the host's session", { session: HOST_SESSION, age: 1e9, isOwn: true }, "own"],
    ["the pool's, in a session that can't be", { session: FOREIGN, age: 1e9, isOwn: true }, "own"],
  ])("%s", (_, { session, age, isOwn = false, toldUntil = SEEN_AT }, verdict) => {
    const own = new Set(isOwn ? [PID] : [PID + 1]);
    const surroundings = { hostSession: HOST_SESSION, own, toldUntil, now: SEEN_AT + age };
    expect(judge({ pid: PID, session, seenAt: SEEN_AT }, surroundings)).toBe(verdict);
  });

  test("leaves three quarters of the second in which an orphan must be gone", () => {
    expect(GRACE_MS).toBeLessThanOrEqual(250);
  });
});

/** Few numbers, so that pids, sessions and owners meet. */
const number = fc.integer({ min: 1, max: 8 });
const scene = fc.record({
  pid: number,
  session: number,
  hostSession: number,
  own: fc.uniqueArray(number, { maxLength: 4 }).map((pids) => new Set(pids)),
  seenAt: fc.integer({ min: 0, max: 100_000 }),
  age: fc.oneof(fc.integer({ min: 0, max: 2 * GRACE_MS }), fc.integer({ min: 0, max: 1e9 })),
  /** From when it was seen to when the ends had been told. */
  told: fc.oneof(fc.constant(Number.NEGATIVE_INFINITY), fc.integer({ min: -10, max: 10 })),
});

type Scene = typeof scene extends fc.Arbitrary<infer S> ? S : never;

const verdictOn = ({ pid, session, hostSession, own, seenAt, age, told }: Scene): Verdict =>
  judge({ pid, session, seenAt }, { hostSession, own, toldUntil: seenAt + told, now: seenAt + age });

/** Checks the scenes that have what is asked for; counts them, so that a check without any can't pass. */
function forEveryScene(isMeant: (scene: Scene) => boolean, check: (scene: Scene) => void): void {
  let checked = 0;
  fc.assert(
    fc.property(scene, (given) => {
      if (!isMeant(given)) return;
      checked++;
      check(given);
    }),
    { numRuns: 2_000 },
  );
  expect(checked).toBeGreaterThan(100);
}

const isOwn = ({ own, pid }: Scene) => own.has(pid);
const canBeTheHosts = ({ session, hostSession, pid }: Scene) => session === hostSession || session === pid;

describe("for any process", () => {
  test("one that the pool has started is never adopted", () => {
    forEveryScene(isOwn, (given) => expect(verdictOn(given)).toBe("own"));
  });

  test("one that the application may have started is adopted after the grace, when its end would have been told", () => {
    forEveryScene(
      (given) => !isOwn(given) && canBeTheHosts(given),
      (given) =>
        expect(verdictOn(given)).toBe(given.age < GRACE_MS || given.told < 0 ? "unclear" : "adopted"),
    );
  });

  test("one that the application can't have started is adopted at once", () => {
    forEveryScene(
      (given) => !isOwn(given) && !canBeTheHosts(given),
      (given) => expect(verdictOn(given)).toBe("adopted"),
    );
  });
});
