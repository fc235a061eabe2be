import { describe, expect, test } from "vitest";
import type { Effect, MachineEvent, MachineState, Phase } from "../../src/slot/machine.ts";
import { initialState, step } from "../../src/slot/machine.ts";

const TIMES = { startTimeout: 30_000, killTimeout: 5_000 };
const EXIT = { code: 1, signal: null };

const EVENTS = {
  connected: { type: "connected" },
  ready: { type: "ready" },
  startFailed: { type: "startFailed", error: "why" },
  ask: { type: "stop", reason: "idle", manner: "ask" },
  terminate: { type: "stop", reason: "terminated", manner: "terminate" },
  kill: { type: "stop", reason: "timeout", manner: "kill" },
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
  ready: ["connected", "ready"],
  leaving: ["connected", "ready", "ask"],
  terminating: ["connected", "ready", "terminate"],
  killed: ["connected", "ready", "kill"],
  draining: ["connected", "ready", "exited"],
  dead: ["connected", "ready", "exited", "channelClosed", "outputEnded", "groupGone"],
};

const STAYS = "";
const DIES = "draining: timer 250, sweepGroup";

/** What follows each event in each phase: the next phase and the effects; nothing where nothing happens. */
const TABLE: Record<Phase, Record<EventName, string>> = {
  starting: {
    connected: STAYS,
    ready: "ready: clearTimer, announceReady",
    startFailed: "terminating: SIGTERM, timer 5000",
    ask: "terminating: SIGTERM, timer 5000",
    terminate: "terminating: SIGTERM, timer 5000",
    kill: "killed: SIGKILL, clearTimer",
    channelClosed: "starting: timer 500",
    outputEnded: STAYS,
    exited: DIES,
    unborn: "dead: clearTimer, bury",
    groupGone: STAYS,
    timeUp: "killed: SIGKILL, clearTimer",
  },
  ready: {
    connected: STAYS,
    ready: STAYS,
    startFailed: "terminating: SIGTERM, timer 5000",
    ask: "leaving: askToLeave, timer 5000",
    terminate: "terminating: SIGTERM, timer 5000",
    kill: "killed: SIGKILL, clearTimer",
    channelClosed: "ready: timer 500",
    outputEnded: STAYS,
    exited: DIES,
    unborn: "dead: clearTimer, bury",
    groupGone: STAYS,
    timeUp: "killed: SIGKILL, clearTimer",
  },
  leaving: {
    connected: STAYS,
    ready: STAYS,
    startFailed: "terminating: SIGTERM, timer 5000",
    ask: STAYS,
    terminate: "terminating: SIGTERM, timer 5000",
    kill: "killed: SIGKILL, clearTimer",
    channelClosed: STAYS,
    outputEnded: STAYS,
    exited: DIES,
    unborn: "dead: clearTimer, bury",
    groupGone: STAYS,
    timeUp: "terminating: SIGTERM, timer 5000",
  },
  terminating: {
    connected: STAYS,
    ready: STAYS,
    startFailed: STAYS,
    ask: STAYS,
    terminate: STAYS,
    kill: "killed: SIGKILL, clearTimer",
    channelClosed: STAYS,
    outputEnded: STAYS,
    exited: DIES,
    unborn: "dead: clearTimer, bury",
    groupGone: STAYS,
    timeUp: "killed: SIGKILL, clearTimer",
  },
  killed: {
    connected: STAYS,
    ready: STAYS,
    startFailed: STAYS,
    ask: STAYS,
    terminate: STAYS,
    kill: STAYS,
    channelClosed: STAYS,
    outputEnded: STAYS,
    exited: DIES,
    unborn: "dead: clearTimer, bury",
    groupGone: STAYS,
    timeUp: STAYS,
  },
  draining: {
    connected: STAYS,
    ready: STAYS,
    startFailed: STAYS,
    ask: STAYS,
    terminate: STAYS,
    kill: STAYS,
    channelClosed: STAYS,
    outputEnded: STAYS,
    exited: STAYS,
    unborn: STAYS,
    groupGone: STAYS,
    timeUp: "dead: clearTimer, bury",
  },
  dead: {
    connected: STAYS,
    ready: STAYS,
    startFailed: STAYS,
    ask: STAYS,
    terminate: STAYS,
    kill: STAYS,
    channelClosed: STAYS,
    outputEnded: STAYS,
    exited: STAYS,
    unborn: STAYS,
    groupGone: STAYS,
    timeUp: STAYS,
  },
};

describe.each(Object.keys(TABLE) as Phase[])("a worker that is %s", (phase) => {
  test.each(Object.entries(TABLE[phase]) as [EventName, string][])("on %s does: %s", (name, expected) => {
    const before = run(WAYS[phase]).state;
    expect(before.phase).toBe(phase);
    const { state, effects } = run([name], before);
    const shown = effects.map(show).join(", ");
    expect(`${state.phase}: ${shown}`).toBe(expected === STAYS ? `${phase}: ` : expected);
  });
});

describe("a worker that does not go", () => {
  test("is asked, then gets SIGTERM, then SIGKILL, each after the killTimeout", () => {
    let state = run(WAYS.ready).state;
    const shown: string[][] = [];
    for (const name of ["ask", "timeUp", "timeUp", "timeUp"] as const) {
      const next = run([name], state);
      state = next.state;
      shown.push(next.effects.map(show));
    }
    expect(shown).toEqual([
      ["askToLeave", "timer 5000"],
      ["SIGTERM", "timer 5000"],
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

  test("includes whether the worker was ever ready", () => {
    expect(run([...WAYS.ready, "exited"]).state.wasReady).toBe(true);
    expect(run(["connected", "exited"]).state.wasReady).toBe(false);
    expect(run(["terminate", "ready"]).state.wasReady).toBe(false);
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
