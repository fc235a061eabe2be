import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { RestartOptions } from "../../src/options/pool-options.ts";
import {
  afterDeath,
  afterSuccess,
  permitted,
  type RestartState,
  UNTROUBLED,
} from "../../src/supervision/restart-policy.ts";
import { runs } from "../support/effort.ts";

const OPTIONS: RestartOptions = {
  intensity: 2,
  period: 10_000,
  backoff: { initial: 100, factor: 2, max: 1_000, jitter: 0 },
};

/** Deaths one after the other: each worker starts after the death before and dies at the given time. */
function deathsAt(
  times: readonly number[],
  options = OPTIONS,
  state: RestartState = UNTROUBLED,
): RestartState {
  return times.reduce((now, at) => afterDeath(now, options, at - 0.5, at, 0), state);
}

describe("a death", () => {
  test("delays the next start by the first back-off, and each further one by more, up to the longest", () => {
    let state = UNTROUBLED;
    const delays = Array.from({ length: 7 }, (_, i) => {
      const now = (i + 1) * 100_000;
      state = afterDeath(state, OPTIONS, now - 1, now, 0);
      return state.notBefore - now;
    });
    expect(delays).toEqual([100, 200, 400, 800, 1_000, 1_000, 1_000]);
  });

  test("breaks the pool when it is one more than the intensity within the period", () => {
    expect(deathsAt([1, 2]).isBroken).toBe(false);
    expect(deathsAt([1, 2, 3]).isBroken).toBe(true);
    expect(deathsAt([1, 2, 10_000]).isBroken).toBe(true);
  });

  test("a period ago no longer counts towards the intensity, where a task has been completed since", () => {
    const proven = afterSuccess(deathsAt([0, 6_000]), 6_001);
    const state = afterDeath(proven, OPTIONS, 11_999, 12_000, 0);
    expect([state.isBroken, state.deaths]).toEqual([false, [6_000, 12_000]]);
  });

  test("in a row with others breaks the pool, however slowly they come", () => {
    expect(deathsAt([0, 60_000]).isBroken).toBe(false);
    expect(deathsAt([0, 60_000, 120_000]).isBroken).toBe(true);
  });

  test("breaks the pool at once with an intensity of 0, and never with one of Infinity", () => {
    expect(deathsAt([1], { ...OPTIONS, intensity: 0 }).isBroken).toBe(true);
    const many = Array.from({ length: 100 }, (_, i) => i + 1);
    expect(deathsAt(many, { ...OPTIONS, intensity: Number.POSITIVE_INFINITY }).isBroken).toBe(false);
  });

  test("leaves a broken pool broken, however long ago the others were", () => {
    expect(deathsAt([1, 2, 3, 1_000_000]).isBroken).toBe(true);
  });

  test("of workers that were started together is one incident", () => {
    let state = UNTROUBLED;
    for (const now of [10, 10, 11, 12, 13, 14, 15, 16]) state = afterDeath(state, OPTIONS, 5, now, 0);
    expect(state).toEqual({ deaths: [10], streak: 1, notBefore: 110, isBroken: false });
  });

  test("of a worker that was started at the very time of the last death belongs to the same incident", () => {
    const first = afterDeath(UNTROUBLED, OPTIONS, 0, 10, 0);
    expect(afterDeath(first, OPTIONS, 10, 20, 0)).toBe(first);
    expect(afterDeath(first, OPTIONS, 10.5, 20, 0).streak).toBe(2);
  });
});

describe("the back-off", () => {
  const options = fc.record({
    intensity: fc.nat(10),
    period: fc.nat(100_000),
    backoff: fc
      .record({
        initial: fc.nat(100_000),
        factor: fc.oneof(fc.integer({ min: 1, max: 10 }), fc.constantFrom(1.5, 1e10, Number.MAX_VALUE)),
        more: fc.nat(1_000_000),
        jitter: fc.double({ min: 0, max: 1, noNaN: true }),
      })
      .map(({ initial, factor, more, jitter }) => ({ initial, factor, max: initial + more, jitter })),
  });

  test("lies between the share that is certain and the whole, for any options, lot and number of deaths", () => {
    fc.assert(
      fc.property(
        options,
        fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 40 }),
        (given, lots) => {
          let state = UNTROUBLED;
          for (const [i, lot] of lots.entries()) {
            const now = (i + 1) * 1e9;
            state = afterDeath(state, given, now - 1, now, lot);
            const { initial, max, jitter } = given.backoff;
            const delay = state.notBefore - now;
            expect(delay).toBeLessThanOrEqual(max + 0.001);
            expect(delay).toBeGreaterThanOrEqual(initial * (1 - jitter) - 0.001);
          }
        },
      ),
      { numRuns: runs(500) },
    );
  });

  test("of 0 stays 0 after any number of deaths", () => {
    const none = { ...OPTIONS, backoff: { initial: 0, factor: 2, max: 0, jitter: 0 } };
    let state = UNTROUBLED;
    for (let now = 1; now <= 1_100; now++) state = afterDeath(state, none, now - 0.5, now, 0);
    expect(state.notBefore).toBe(1_100);
  });

  test("is spread by the lot, so that many pools do not restart in step", () => {
    const spread = { ...OPTIONS, backoff: { ...OPTIONS.backoff, jitter: 0.2 } };
    const delays = [0, 0.5, 1].map((lot) => afterDeath(UNTROUBLED, spread, 0, 1, lot).notBefore - 1);
    expect(delays).toEqual([100, 90, 80]);
  });
});

describe("a completed task", () => {
  test("ends the trouble when its worker was started after the last death", () => {
    const state = afterSuccess(deathsAt([10, 20]), 25);
    expect(state).toMatchObject({ streak: 0, isBroken: false });
    expect(permitted(state, 5, 0, 26)).toBe(5);
    expect(afterSuccess(deathsAt([1, 2, 3]), 4)).toEqual(UNTROUBLED);
  });

  test("of a worker that was started before the last death proves nothing", () => {
    for (const state of [deathsAt([10, 20]), deathsAt([1, 2, 3])]) {
      const last = state.deaths.at(-1) as number;
      expect(afterSuccess(state, last - 1)).toBe(state);
      expect(afterSuccess(state, last)).toBe(state);
    }
  });

  test("leaves the deaths of the last period counted, so that one success in between hides no crash loop", () => {
    const state = afterSuccess(deathsAt([10, 20]), 25);
    expect(deathsAt([30], OPTIONS, state)).toMatchObject({ isBroken: true, streak: 1 });
  });

  test("lets a broken pool start again without a debt", () => {
    const state = afterSuccess(deathsAt([1, 2, 3]), 4);
    expect(deathsAt([5, 6], OPTIONS, state).isBroken).toBe(false);
  });

  test("changes nothing where there was no trouble", () => {
    expect(afterSuccess(UNTROUBLED, 5)).toBe(UNTROUBLED);
  });
});

describe("the permitted starts", () => {
  const troubled = deathsAt([10]);

  test.each<[string, RestartState, number, number, number, number]>([
    ["all that are wanted without trouble", UNTROUBLED, 7, 3, 0, 7],
    ["none before the back-off is over", troubled, 7, 0, 109, 0],
    ["one as soon as it is over", troubled, 7, 0, 110, 1],
    ["none while one is on trial", troubled, 7, 1, 500, 0],
    ["none when none is wanted", troubled, 0, 0, 500, 0],
  ])("are %s", (_, state, wanted, starting, now, expected) => {
    expect(permitted(state, wanted, starting, now)).toBe(expected);
  });

  test("are never more than are wanted, and one at most in trouble", () => {
    fc.assert(
      fc.property(fc.nat(20), fc.nat(5), fc.nat(10_000), fc.nat(4), (wanted, starting, now, deaths) => {
        const state = deathsAt(Array.from({ length: deaths }, (_, i) => i + 1));
        const starts = permitted(state, wanted, starting, now);
        expect(starts).toBeLessThanOrEqual(wanted);
        if (deaths > 0) expect(starts).toBeLessThanOrEqual(1);
        if (deaths > 0 && now < state.notBefore) expect(starts).toBe(0);
      }),
    );
  });
});

test("any history is read without a change to it", () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.boolean(), fc.nat(20_000), fc.nat(20_000))), (history) => {
      let state: RestartState = UNTROUBLED;
      let now = 0;
      for (const [isDeath, age, pause] of history) {
        now += pause;
        Object.freeze(Object.freeze(state).deaths);
        state = isDeath ? afterDeath(state, OPTIONS, now - age, now, 0.5) : afterSuccess(state, now - age);
        expect(state.streak).toBeGreaterThanOrEqual(0);
        expect(state.deaths.length).toBeLessThanOrEqual(history.length);
        expect([...state.deaths]).toEqual([...state.deaths].sort((a, b) => a - b));
        if (state.isBroken) expect(state.streak).toBeGreaterThan(0);
      }
    }),
    { numRuns: runs(500) },
  );
});
