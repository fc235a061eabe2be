import { describe, expect, test } from "vitest";
import type { MachineEvent, Phase } from "../../src/slot/machine.ts";
import { initialState, isStaying, isToBeReplaced, takesTasks } from "../../src/slot/machine.ts";
import { EVENTS, type EventName, EXIT, run, show, WAYS } from "../support/machine-lives.ts";

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
  terminating: { ...DIES, held: IS_KILLED, kill: IS_KILLED, timeUp: IS_KILLED },
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
