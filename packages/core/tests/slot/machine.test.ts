import { describe, expect, test } from "vitest";
import type { Effect, MachineEvent, MachineState, Phase } from "../../src/slot/machine.ts";
import {
  initialState,
  isStaying,
  isToBeReplaced,
  lastStep,
  step,
  takesTasks,
} from "../../src/slot/machine.ts";

const TIMES = { startTimeout: 30_000, killTimeout: 5_000 };
const EXIT = { code: 1, signal: null };

const EVENTS = {
  connected: { type: "connected" },
  ready: { type: "ready" },
  startFailed: { type: "startFailed", error: "why" },
  unheard: { type: "hearing", isHeard: false, isHeld: false },
  heard: { type: "hearing", isHeard: true, isHeld: false },
  held: { type: "hearing", isHeard: false, isHeld: true },
  warmed: { type: "warmed" },
  due: { type: "due", reason: "recycled" },
  kept: { type: "kept" },
  promoted: { type: "promoted" },
  retireIdle: { type: "retire", reason: "recycled", isIdle: true },
  retireBusy: { type: "retire", reason: "recycled", isIdle: false },
  idle: { type: "idle" },
    ask: { type: "stop", reason: "idle", manner: "ask", error: undefined },
    terminate: { type: "stop", reason: "terminated", manner: "terminate", error: undefined },
    warn: { type: "stop", reason: "timeout", manner: "warn", error: undefined },
    kill: { type: "stop", reason: "hung", manner: "kill", error: undefined },
  channelClosed: { type: "channelClosed" },
  outputEnded: { type: "outputEnded" },
  exited: { type: "exited", exit: EXIT },
  unborn: { type: "exited", exit: { code: null, signal: null, error: "ENOENT" } },
  groupGone: { type: "groupGone" },
  timeUp: { type: "timeUp" },
} as const satisfies Record<string, MachineEvent>;

type EventName = keyof typeof EVENTS;

function run(
  events: readonly (EventName | MachineEvent)[],
  state: MachineState = initialState(1),
): { state: MachineState; effects: readonly Effect[] } {
  let effects: readonly Effect[] = [];
  for (const event of events) {
    [state, effects] = step(state, typeof event === "string" ? EVENTS[event] : event, TIMES);
  }
  return { state, effects };
}

function show(effect: Effect): string {
  if (effect.type === "signal") return effect.name;
  return effect.type === "setTimer" ? `timer ${effect.ms}` : effect.type;
}

/** How each phase is reached, with the channel open and the output not at its end. */
const WAYS: Record<Phase, EventName[]> = {
  starting: ["connected"],
  warming: ["connected", "ready"],
  ready: ["connected", "ready", "warmed"],
  retiring: ["connected", "ready", "warmed", "retireBusy"],
  leaving: ["connected", "ready", "warmed", "ask"],
  terminating: ["connected", "ready", "warmed", "terminate"],
  killed: ["connected", "ready", "warmed", "kill"],
  draining: ["connected", "ready", "warmed", "exited"],
  dead: ["connected", "ready", "warmed", "exited", "channelClosed", "outputEnded", "groupGone"],
};

const DIES = {
  exited: "draining: timer 250, sweepGroup",
  unborn: "dead: clearTimer, bury",
};
const TERMINATES = "terminating: SIGTERM, timer 5000";
const IS_WARNED = "terminating: SIGTERM, timer 1000";
const IS_KILLED = "killed: SIGKILL, clearTimer";

/** The same for each worker that has loaded its module and is not on its way out. */
const LOADED = {
  ...DIES,
  startFailed: TERMINATES,
  ask: "leaving: askToLeave, timer 5000",
  terminate: TERMINATES,
  warn: IS_KILLED,
  kill: IS_KILLED,
  timeUp: IS_KILLED,
};
const RETIRES = {
  retireIdle: "leaving: announceRetired, askToLeave, timer 5000",
  retireBusy: "retiring: announceRetired",
};

/** What follows each event in each phase: the next phase and the effects. What is not here changes neither. */
const TABLE: Record<Phase, Partial<Record<EventName, string>>> = {
  starting: {
    ...DIES,
    ready: "warming: clearTimer, warmUp",
    due: "starting: announceDue",
    startFailed: TERMINATES,
    retireIdle: "terminating: announceRetired, SIGTERM, timer 5000",
    retireBusy: "retiring: announceRetired",
    ask: TERMINATES,
    terminate: TERMINATES,
    warn: IS_KILLED,
    kill: IS_KILLED,
    channelClosed: "starting: timer 500",
    timeUp: IS_KILLED,
  },
  warming: {
    ...LOADED,
    ...RETIRES,
    warmed: "ready: announceReady",
    due: "warming: announceDue",
    channelClosed: "warming: timer 500",
  },
  ready: {
    ...LOADED,
    ...RETIRES,
    due: "ready: announceDue",
    channelClosed: "ready: timer 500",
  },
  retiring: {
    ...LOADED,
    idle: "leaving: askToLeave, timer 5000",
    channelClosed: "retiring: timer 500",
  },
  leaving: {
    ...DIES,
    startFailed: TERMINATES,
    terminate: TERMINATES,
    warn: IS_KILLED,
    kill: IS_KILLED,
    timeUp: IS_WARNED,
  },
  terminating: { ...DIES, kill: IS_KILLED, timeUp: IS_KILLED },
  killed: DIES,
  draining: { timeUp: "dead: clearTimer, bury" },
  dead: {},
};

describe.each(Object.keys(TABLE) as Phase[])("a worker that is %s", (phase) => {
  const rows = (Object.keys(EVENTS) as EventName[]).map(
    (name) => [name, TABLE[phase][name] ?? `${phase}: `] as const,
  );

  test.each(rows)("on %s does: %s", (name, expected) => {
    const before = run(WAYS[phase]).state;
    expect(before.phase).toBe(phase);
    const { state, effects } = run([name], before);
    expect(`${state.phase}: ${effects.map(show).join(", ")}`).toBe(expected);
  });
});

describe("a worker that is to be replaced", () => {
  test("is so while it stays, for the first reason that was given", () => {
    const { state } = run([...WAYS.ready, "due", { type: "due", reason: "restarted" }]);
    expect([state.due, isToBeReplaced(state), takesTasks(state)]).toEqual(["recycled", true, true]);
    expect(isToBeReplaced(run(["retireBusy"], state).state)).toBe(false);
  });

  test("is not when it is kept after all, and may be again", () => {
    const { state } = run([...WAYS.ready, "due", "kept"]);
    expect(state.due).toBeUndefined();
    expect(run(["due"], state).effects.map(show)).toEqual(["announceDue"]);
  });

  test("finishes what it has, and leaves for the reason it was retired for", () => {
    const { state } = run([...WAYS.ready, "retireBusy"]);
    expect([takesTasks(state), isStaying(state), state.reason]).toEqual([false, false, undefined]);
    expect(run(["idle"], state).state).toMatchObject({ phase: "leaving", reason: "recycled" });
    expect(run(["exited"], state).state.reason).toBe("crash");
  });

  test("has a replacement that is one until it has gone", () => {
    const replacement = run(WAYS.ready, initialState(1, true)).state;
    expect(replacement.isReplacement).toBe(true);
    expect(run(["promoted"], replacement).state.isReplacement).toBe(false);
  });
});

describe("a worker that warms up", () => {
  test("takes no tasks before that is done", () => {
    expect(takesTasks(run(WAYS.warming).state)).toBe(false);
    expect(isStaying(run(WAYS.warming).state)).toBe(true);
    expect(takesTasks(run(WAYS.ready).state)).toBe(true);
  });

  test("is warm also when it was retired meanwhile, and then not announced", () => {
    const { state, effects } = run([...WAYS.warming, "retireBusy", "warmed"]);
    expect([state.phase, state.wasWarm, effects]).toEqual(["retiring", true, []]);
  });
});

describe("a worker that does not go", () => {
  test("is asked, after the killTimeout gets SIGTERM, and a second later SIGKILL", () => {
    let state = run(WAYS.ready).state;
    const shown: string[][] = [];
    for (const name of ["ask", "timeUp", "timeUp", "timeUp"] as const) {
      const next = run([name], state);
      state = next.state;
      shown.push(next.effects.map(show));
    }
    expect(shown).toEqual([
      ["askToLeave", "timer 5000"],
      ["SIGTERM", "timer 1000"],
      ["SIGKILL", "clearTimer"],
      [],
    ]);
    expect(state).toMatchObject({ phase: "killed", reason: "idle" });
  });

  test("after it closed its channel gets SIGKILL, for breaking the protocol", () => {
    const { state, effects } = run([...WAYS.ready, "channelClosed", "timeUp"]);
    expect(effects.map(show)).toEqual(["SIGKILL", "clearTimer"]);
    expect(state).toMatchObject({ phase: "killed", reason: "protocol" });
  });
});

describe("the reason", () => {
  test.each<[string, (EventName | MachineEvent)[], string]>([
    ["a crash when nobody asked", [...WAYS.ready, "exited"], "crash"],
    ["the start when it was never ready", ["connected", "exited"], "start"],
    ["the start when it could not be started", ["unborn"], "start"],
    ["the start when it took too long", ["connected", "timeUp", "exited"], "start"],
    ["the start when it said that it failed", ["connected", "startFailed", "exited"], "start"],
    ["the first stop when a second follows", [...WAYS.ready, "ask", "kill", "exited"], "idle"],
    [
      "the first stop when it runs over its time",
      [...WAYS.ready, "ask", "timeUp", "timeUp", "exited"],
      "idle",
    ],
    ["the stop when it fails to start afterwards", ["terminate", "startFailed", "exited"], "terminated"],
    ["the crash when a stop follows", [...WAYS.draining, "kill", "timeUp"], "crash"],
  ])("is %s", (_, events, reason) => {
    expect(run(events).state.reason).toBe(reason);
  });
});

describe("what went wrong", () => {
  test("is kept with the stop it came with, for the errors of tasks", () => {
    const stop = { type: "stop", reason: "protocol", manner: "kill", error: "garbage" } as const;
    expect(run([...WAYS.ready, stop, "exited"]).state).toMatchObject({
      reason: "protocol",
      error: "garbage",
    });
    expect(run(["connected", "startFailed", "exited"]).state).toMatchObject({
      reason: "start",
      error: "why",
    });
  });

  test("is the first error, not the last", () => {
    const stop = (error: string): MachineEvent => ({
      type: "stop",
      reason: "protocol",
      manner: "kill",
      error,
    });
    expect(run([...WAYS.ready, stop("first"), stop("second")]).state.error).toBe("first");
  });

  test("includes whether the worker had loaded its module, and was warm", () => {
    const flags = (events: EventName[]) => {
      const { wasReady, wasWarm } = run(events).state;
      return [wasReady, wasWarm];
    };
    expect(flags([...WAYS.ready, "exited"])).toEqual([true, true]);
    expect(flags([...WAYS.warming, "exited"])).toEqual([true, false]);
    expect(flags(["connected", "exited"])).toEqual([false, false]);
    expect(flags(["terminate", "ready"])).toEqual([false, false]);
  });

  test("includes the first exit, whatever is reported later", () => {
    const again: MachineEvent = { type: "exited", exit: { code: 9, signal: null } };
    expect(run([...WAYS.draining, again]).state.exit).toBe(EXIT);
  });
});

describe("a dead worker", () => {
  test.each<[number, EventName[], Phase]>([
    [0, ["exited"], "draining"],
    [0, ["exited", "groupGone"], "dead"],
    [1, ["exited", "groupGone"], "draining"],
    [1, ["exited", "outputEnded"], "draining"],
    [1, ["exited", "outputEnded", "groupGone"], "dead"],
    [2, ["exited", "groupGone", "outputEnded"], "draining"],
    [2, ["outputEnded", "outputEnded", "exited", "groupGone"], "dead"],
    [0, ["connected", "exited", "groupGone"], "draining"],
    [0, ["connected", "channelClosed", "exited", "groupGone"], "dead"],
    [1, ["connected", "exited", "groupGone", "outputEnded"], "draining"],
    [1, ["connected", "exited", "groupGone", "outputEnded", "channelClosed"], "dead"],
    [2, ["connected", "exited", "timeUp"], "dead"],
    [2, ["connected", "unborn"], "dead"],
  ])("with %i outputs and the events %j is %s", (outputs, events, phase) => {
    expect(run(events, initialState(outputs)).state.phase).toBe(phase);
  });

  test("has what it left in its group killed, also when nothing is left to read", () => {
    const { effects } = run(["exited"], initialState(0));
    expect(effects.map(show)).toEqual(["timer 250", "sweepGroup"]);
  });

  test("that never ran has no group to kill", () => {
    expect(run(["unborn"]).effects.map(show)).toEqual(["clearTimer", "bury"]);
  });
});

describe("being late", () => {
  test("is noted when the startTimeout is over before the worker is ready", () => {
    expect(run(["connected", "timeUp"]).state).toMatchObject({ phase: "killed", wasLate: true });
    expect(run(["timeUp", "exited"]).state).toMatchObject({ reason: "start", wasLate: true });
  });

  test.each<[string, EventName[]]>([
    ["that was stopped", ["connected", "terminate", "timeUp"]],
    ["that was ready", [...WAYS.ready, "channelClosed", "timeUp"]],
    ["that died while it started", ["connected", "exited", "timeUp"]],
    ["that closed its channel while it started and did not exit", ["connected", "channelClosed", "timeUp"]],
  ])("is not held against a worker %s", (_, events) => {
    expect(run(events).state.wasLate).toBe(false);
  });
});

describe("a worker in which a task did not stop in time", () => {
  const LISTENING: EventName[] = ["connected", "heard", "ready", "warmed"];

  test.each<[what: string, events: EventName[], effects: string[]]>([
    ["is killed at once where nobody listens to SIGTERM", [...WAYS.ready, "warn"], ["SIGKILL", "clearTimer"]],
    [
      "is killed at once where nobody listens any more",
      [...LISTENING, "unheard", "warn"],
      ["SIGKILL", "clearTimer"],
    ],
    ["is sent SIGTERM first where somebody listens", [...LISTENING, "warn"], ["SIGTERM", "timer 1000"]],
    ["is killed a second after that", [...LISTENING, "warn", "timeUp"], ["SIGKILL", "clearTimer"]],
    [
      "is sent SIGTERM first while it retires, too",
      [...LISTENING, "retireBusy", "warn"],
      ["SIGTERM", "timer 1000"],
    ],
    ["keeps its time when another did not stop either", [...LISTENING, "warn", "warn"], []],
    ["keeps its time when its listener is gone by then", [...LISTENING, "warn", "unheard", "warn"], []],
    ["keeps its time when the pool is terminated", [...LISTENING, "warn", "unheard", "terminate"], []],
    [
      "keeps the time it was given when the pool was terminated",
      [...LISTENING, "terminate", "unheard", "warn"],
      [],
    ],
    [
      "is killed at once when it is found to be hung",
      [...LISTENING, "warn", "kill"],
      ["SIGKILL", "clearTimer"],
    ],
  ])("%s", (_what, events, effects) => {
    expect(run(events).effects.map(show)).toEqual(effects);
  });

  test.each([
    [5_000, 1_000],
    [1_000, 1_000],
    [300, 300],
    [0, 0],
    [Number.POSITIVE_INFINITY, 1_000],
  ])("with a killTimeout of %i ms gets SIGKILL %i ms after SIGTERM", (killTimeout, ms) => {
    const [, effects] = step(run(LISTENING).state, EVENTS.warn, { ...TIMES, killTimeout });
    expect(effects).toContainEqual({ type: "setTimer", ms });
    expect(lastStep(killTimeout)).toBe(ms);
  });
});

describe("a worker that holds SIGTERM", () => {
  const READY: EventName[] = ["connected", "held", "ready", "warmed"];

  test.each<[what: string, events: EventName[], effects: string[]]>([
    ["is killed at once where it would be sent SIGTERM", [...READY, "terminate"], ["SIGKILL", "clearTimer"]],
    ["is killed when it does not leave", [...READY, "ask", "timeUp"], ["SIGKILL", "clearTimer"]],
    [
      "is sent SIGTERM while somebody else listens",
      [...READY, "heard", "terminate"],
      ["SIGTERM", "timer 5000"],
    ],
    ["is killed once nobody does", [...READY, "heard", "held", "terminate"], ["SIGKILL", "clearTimer"]],
    [
      "keeps its time when it stops to listen after SIGTERM",
      [...READY, "heard", "terminate", "held", "terminate"],
      [],
    ],
    [
      "is given time to end by itself when it can't start",
      ["connected", "held", "startFailed"],
      ["SIGTERM", "timer 5000"],
    ],
  ])("%s", (_what, events, effects) => {
    expect(run(events).effects.map(show)).toEqual(effects);
  });
});
