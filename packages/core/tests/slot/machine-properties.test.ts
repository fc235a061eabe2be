import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  type Effect,
  initialState,
  isStaying,
  isToBeReplaced,
  lastStep,
  type MachineEvent,
  type MachineState,
  step,
  takesTasks,
} from "../../src/slot/machine.ts";

const TIMES = { startTimeout: 30_000, killTimeout: 5_000 };

const exits: fc.Arbitrary<MachineEvent> = fc
  .constantFrom(
    { code: 0, signal: null },
    { code: null, signal: "SIGKILL" },
    { code: null, signal: null, error: new Error("ENOENT") },
  )
  .map((exit) => ({ type: "exited", exit }));

const stops: fc.Arbitrary<MachineEvent> = fc.record({
  type: fc.constant("stop" as const),
  reason: fc.constantFrom("closed", "terminated", "idle", "timeout", "aborted", "protocol"),
  manner: fc.constantFrom("ask", "terminate", "warn", "kill"),
  error: fc.constantFrom(undefined, "an error"),
});

const replacing: fc.Arbitrary<MachineEvent> = fc.oneof(
  fc.constantFrom<MachineEvent>({ type: "kept" }, { type: "promoted" }, { type: "idle" }),
  fc.record({ type: fc.constant("due" as const), reason: fc.constantFrom("recycled", "restarted") }),
  fc.record({
    type: fc.constant("retire" as const),
    reason: fc.constantFrom("recycled", "restarted", "resized"),
    isIdle: fc.boolean(),
  }),
);

const anyEvent: fc.Arbitrary<MachineEvent> = fc.oneof(
  { weight: 2, arbitrary: stops },
  { weight: 1, arbitrary: exits },
  { weight: 3, arbitrary: replacing },
  {
    weight: 6,
    arbitrary: fc.constantFrom<MachineEvent>(
      { type: "connected" },
      { type: "ready" },
      { type: "warmed" },
      { type: "startFailed", error: "why" },
      { type: "channelClosed" },
      { type: "outputEnded" },
      { type: "groupGone" },
      { type: "timeUp" },
      { type: "hearing", isHeard: true, isHeld: false },
      { type: "hearing", isHeard: false, isHeld: false },
      { type: "hearing", isHeard: false, isHeld: true },
    ),
  },
);

/** Most lives begin as most do: the worker connects, loads its module, and is ready. */
const BEGINNINGS: readonly (readonly MachineEvent[])[] = [
  [],
  [{ type: "connected" }, { type: "ready" }],
  [{ type: "connected" }, { type: "ready" }, { type: "warmed" }],
  [
    { type: "connected" },
    { type: "ready" },
    { type: "warmed" },
    { type: "retire", reason: "recycled", isIdle: false },
  ],
];

const life = fc
  .record({
    outputs: fc.nat(2),
    isReplacement: fc.boolean(),
    beginning: fc.constantFrom(...BEGINNINGS),
    events: fc.array(anyEvent, { maxLength: 25 }),
  })
  .map(({ beginning, events, ...rest }) => ({ ...rest, events: [...beginning, ...events] }));

interface Moment {
  readonly event: MachineEvent;
  readonly before: MachineState;
  readonly after: MachineState;
  readonly effects: readonly Effect[];
}

function live(outputs: number, events: readonly MachineEvent[], isReplacement = false): Moment[] {
  let before = initialState(outputs, isReplacement);
  return events.map((event) => {
    const [after, effects] = step(before, event, TIMES);
    const moment = { event, before, after, effects };
    before = after;
    return moment;
  });
}

/** So many lives have something to check, or a check would be one of nothing. */
const ENOUGH = 20;

/** Checks every life that fast-check can think of, until enough of them had something to check. */
function forEveryLife(check: (moments: readonly Moment[]) => boolean | undefined): void {
  let checked = 0;
  for (let round = 0; checked <= ENOUGH && round < 10; round++) {
    fc.assert(
      fc.property(life, ({ outputs, events, isReplacement }) => {
        if (check(live(outputs, events, isReplacement)) !== false) checked++;
      }),
      { numRuns: 2_000 },
    );
  }
  expect(checked).toBeGreaterThan(ENOUGH);
}

/** The group is swept after the exit; what else is at its end by then, and in which order, is open. */
function shuffled(events: readonly MachineEvent[], seed: number): MachineEvent[] {
  const from = Math.abs(seed >> 3) % events.length;
  return [...events.slice(from), ...events.slice(0, from)];
}

const allEffects = (moments: readonly Moment[]): Effect[] => moments.flatMap(({ effects }) => [...effects]);

describe("whatever happens, in any order", () => {
  test("a worker is buried once it has exited and its channel, outputs and group are at their end", () => {
    fc.assert(
      fc.property(life, fc.boolean(), fc.integer(), ({ outputs, events }, isCutShort, seed) => {
        const exited: MachineEvent = { type: "exited", exit: { code: 0, signal: null } };
        const ends: MachineEvent[] = [
          { type: "channelClosed" },
          ...Array.from({ length: outputs }, (): MachineEvent => ({ type: "outputEnded" })),
        ];
        const at = Math.abs(seed) % (ends.length + 1);
        const rest: MachineEvent[] = isCutShort
          ? [exited, { type: "timeUp" }]
          : [...ends.slice(0, at), exited, ...shuffled([{ type: "groupGone" }, ...ends.slice(at)], seed)];
        const moments = live(outputs, [...events, ...rest]);
        expect(moments.at(-1)?.after.phase).toBe("dead");
        expect(allEffects(moments).filter(({ type }) => type === "bury")).toHaveLength(1);
      }),
      { numRuns: 2_000 },
    );
  });

  test("a worker is buried once at most, never before its exit, and last of all", () => {
    forEveryLife((moments) => {
      const burials = moments.filter(({ effects }) => effects.some(({ type }) => type === "bury"));
      for (const { after, effects } of burials) {
        expect(after.exit).toBeDefined();
        expect(after.phase).toBe("dead");
        expect(effects.at(-1)?.type).toBe("bury");
      }
      expect(burials.length).toBe(moments.at(-1)?.after.phase === "dead" ? 1 : 0);
      return burials.length > 0;
    });
  });

  test("nothing follows after a worker is dead", () => {
    forEveryLife((moments) => {
      const late = moments.filter(({ before }) => before.phase === "dead");
      for (const { before, after, effects } of late) {
        expect(after).toBe(before);
        expect(effects).toEqual([]);
      }
      return late.length > 0;
    });
  });

  test("the first reason stays, and a dead worker has one", () => {
    forEveryLife((moments) => {
      for (const { before, after } of moments) {
        if (before.reason !== undefined) expect(after.reason).toBe(before.reason);
        if (!isStaying(after) && after.phase !== "retiring") expect(after.reason).toBeDefined();
      }
      return moments.some(({ before }) => before.reason !== undefined);
    });
  });

  test("a worker is never asked to leave after a signal, nor twice, nor before it is ready", () => {
    forEveryLife((moments) => {
      const asked = moments.filter(({ effects }) => effects.some(({ type }) => type === "askToLeave"));
      expect(asked.length).toBeLessThanOrEqual(1);
      for (const { before } of asked) expect(["warming", "ready", "retiring"]).toContain(before.phase);
      return asked.length > 0;
    });
  });

  test("signals only get harder: one SIGTERM at most, and none after SIGKILL", () => {
    forEveryLife((moments) => {
      const names = allEffects(moments).flatMap((effect) => (effect.type === "signal" ? [effect.name] : []));
      expect(names.filter((name) => name === "SIGTERM").length).toBeLessThanOrEqual(1);
      expect(names.lastIndexOf("SIGTERM")).toBeLessThanOrEqual(0);
      return names.length > 1;
    });
  });

  test("a task that did not stop brings SIGTERM where somebody listens, SIGKILL where nobody does", () => {
    forEveryLife((moments) => {
      const warned = moments.filter(({ event, before }) => {
        const isWarning = event.type === "stop" && event.manner === "warn";
        return isWarning && !["terminating", "killed", "draining", "dead"].includes(before.phase);
      });
      for (const { before, effects } of warned) {
        const name = before.listens ? "SIGTERM" : "SIGKILL";
        expect(effects[0]).toEqual({ type: "signal", name });
        if (before.listens) expect(effects[1]).toEqual({ type: "setTimer", ms: lastStep(TIMES.killTimeout) });
      }
      return warned.some(({ before }) => before.listens);
    });
  });

  test("a phase never goes back", () => {
    const order = "starting warming ready retiring leaving terminating killed draining dead".split(" ");
    forEveryLife((moments) => {
      for (const { before, after } of moments) {
        expect(order.indexOf(after.phase)).toBeGreaterThanOrEqual(order.indexOf(before.phase));
      }
      return moments.length > 0;
    });
  });

  test("a worker takes tasks from the announcement that it is ready until it is to go, and is warmed up once", () => {
    forEveryLife((moments) => {
      const announced = moments.filter(({ effects }) => effects.some(({ type }) => type === "announceReady"));
      const warmUps = allEffects(moments).filter(({ type }) => type === "warmUp");
      expect(announced.length).toBeLessThanOrEqual(1);
      for (const { before, after } of announced)
        expect([before.phase, after.phase]).toEqual(["warming", "ready"]);
      expect(warmUps.length === 1).toBe(moments.at(-1)?.after.wasReady ?? false);
      for (const { before, after } of moments)
        if (!takesTasks(before) && takesTasks(after)) expect(after.wasWarm).toBe(true);
      return announced.length > 0;
    });
  });

  test("a worker is retired once at most, announced before anything else is done about it, and takes nothing after", () => {
    forEveryLife((moments) => {
      const retired = moments.filter(({ effects }) => effects.some(({ type }) => type === "announceRetired"));
      expect(retired.length).toBeLessThanOrEqual(1);
      for (const { event, before, after, effects } of retired) {
        expect([event.type, isStaying(before), isStaying(after)]).toEqual(["retire", true, false]);
        expect(effects[0]?.type).toBe("announceRetired");
        expect(moments.slice(moments.indexOf(retired[0] as Moment)).some((m) => takesTasks(m.after))).toBe(
          false,
        );
      }
      return retired.length > 0;
    });
  });

  test("a retiring worker is asked to leave as soon as it is idle, for the reason it was retired for", () => {
    forEveryLife((moments) => {
      const idle = moments.filter(
        ({ event, before }) => event.type === "idle" && before.phase === "retiring",
      );
      for (const { before, after, effects } of idle) {
        expect([after.phase, after.reason]).toEqual(["leaving", before.reason ?? before.retired]);
        expect(effects[0]?.type).toBe("askToLeave");
      }
      return idle.length > 0;
    });
  });

  test("a worker is due while it stays until it is kept, told of once, and a replacement until it is promoted", () => {
    forEveryLife((moments) => {
      let isReplacement = moments[0]?.before.isReplacement;
      for (const { event, before, after, effects } of moments) {
        const isTold = effects.some(({ type }) => type === "announceDue");
        expect(isTold).toBe(event.type === "due" && isStaying(before) && before.due === undefined);
        expect(isToBeReplaced(after)).toBe(after.due !== undefined && isStaying(after));
        if (before.phase === "dead") continue;
        if (event.type === "kept") expect(after.due).toBeUndefined();
        else if (before.due !== undefined) expect(after.due).toBe(before.due);
        if (event.type === "promoted") isReplacement = false;
        expect(after.isReplacement).toBe(isReplacement);
      }
      return moments.some(({ after }) => isToBeReplaced(after));
    });
  });

  test("a worker that has to go is waited for with a timer until it is killed, and none is left behind", () => {
    forEveryLife((moments) => {
      let isTimed = true; // the slot sets the start timeout
      for (const { event, after, effects } of moments) {
        if (event.type === "timeUp") isTimed = false;
        for (const { type } of effects)
          if (type === "setTimer" || type === "clearTimer") isTimed = type === "setTimer";
        // A timeUp that nobody waited for is no event of a real life.
        if (event.type === "timeUp" && effects.length === 0) return false;
        if (["leaving", "terminating", "draining"].includes(after.phase)) expect(isTimed).toBe(true);
        if (["killed", "dead"].includes(after.phase)) expect(isTimed).toBe(false);
      }
      return undefined;
    });
  });

  test("a state that was given out is not changed later", () => {
    fc.assert(
      fc.property(life, ({ outputs, events }) => {
        let state = Object.freeze(initialState(outputs));
        for (const event of events) state = Object.freeze(step(state, Object.freeze(event), TIMES)[0]);
      }),
    );
  });
});
