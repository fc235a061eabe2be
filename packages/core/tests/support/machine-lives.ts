/** Events of a worker's life by name, and the phases they lead to: for the tests of slot/machine.ts. */
import {
  type Effect,
  initialState,
  type MachineEvent,
  type MachineState,
  type Phase,
  step,
} from "../../src/slot/machine.ts";

export const TIMES = { startTimeout: 30_000, killTimeout: 5_000 };
export const EXIT = { code: 1, signal: null };

export const EVENTS = {
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

export type EventName = keyof typeof EVENTS;

export function run(
  events: readonly (EventName | MachineEvent)[],
  state: MachineState = initialState(1),
): { state: MachineState; effects: readonly Effect[] } {
  let effects: readonly Effect[] = [];
  for (const event of events) {
    [state, effects] = step(state, typeof event === "string" ? EVENTS[event] : event, TIMES);
  }
  return { state, effects };
}

export function show(effect: Effect): string {
  if (effect.type === "signal") return effect.name;
  return effect.type === "setTimer" ? `timer ${effect.ms}` : effect.type;
}

/** How each phase is reached, with the channel open and the output not at its end. */
export const WAYS: Record<Phase, EventName[]> = {
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
