/**
 * The life of one worker as a pure function: (state, event) to the next state and the effects to carry out.
 * Owns every decision about starting, warming, retiring, asking to leave, signalling and draining; slot.ts carries them
 * out. Of tasks it knows only whether there are any.
 *
 *     starting --ready--> warming --warmed--> ready --retire--> retiring --idle--> leaving --time--> terminating --time--> killed
 *         |                  |                  |                   |                 |                   |                  |
 *         +------------------+------------------+------ exited -----+-----------------+-------------------+------------------+
 *                                                         v
 *                                          draining --channel, output and group at their end, or time--> dead
 *
 * `stop` leads from any phase to a later one, and `exited` is legal everywhere. The worker takes tasks in `ready` only; the
 * slot is free in `dead` only, which comes after the exit callback.
 */
import type { Exit, Signal } from "../port/runtime.ts";

/** Why a worker ended: the first cause wins. `"crash"` is an end that the pool did not cause. */
export type StopReason =
  | "closed"
  | "terminated"
  | "idle"
  | "recycled"
  | "restarted"
  | "resized"
  | "hung"
  | "memory"
  | "lease"
  | "timeout"
  | "aborted"
  | "start"
  | "protocol"
  | "crash";

export type Phase =
  | "starting"
  | "warming"
  | "ready"
  | "retiring"
  | "leaving"
  | "terminating"
  | "killed"
  | "draining"
  | "dead";

/**
 * `"ask"` is for an idle worker, which then runs `teardown`; `"terminate"` is SIGTERM, then SIGKILL; `"warn"` is the same, but
 * short, and only where somebody listens; `"kill"` is SIGKILL.
 */
export type StopManner = "ask" | "terminate" | "warn" | "kill";

export interface MachineState {
  readonly phase: Phase;
  readonly reason: StopReason | undefined;
  /** What went wrong, if an error says more than the exit status. */
  readonly error: unknown;
  /** It has loaded its module. */
  readonly wasReady: boolean;
  /** It has done what had to precede its first task. */
  readonly wasWarm: boolean;
  /** Why it is due for replacement, which happens as soon as it delays no call. */
  readonly due: StopReason | undefined;
  /** Why it was retired: it takes no more tasks, but finishes those it has. */
  readonly retired: StopReason | undefined;
  /** It was started to replace a worker that is due and has not retired yet. */
  readonly isReplacement: boolean;
  /** `startTimeout` was over before it was ready. */
  readonly wasLate: boolean;
  /** Code of the application in it listens to SIGTERM. */
  readonly listens: boolean;
  /** SIGTERM does nothing in it: it holds that signal, and nobody else there listens. */
  readonly isDeaf: boolean;
  readonly channel: "none" | "open" | "closed";
  readonly outputsOpen: number;
  /** No process is left in the worker's process group. */
  readonly isGroupGone: boolean;
  readonly exit: Exit | undefined;
}

export type MachineEvent =
  | { readonly type: "connected" }
  | { readonly type: "ready" }
  | { readonly type: "startFailed"; readonly error: unknown }
  /** Whether code of the application listens to SIGTERM in it; `isHeld`: where nobody does, that signal does nothing. */
  | { readonly type: "hearing"; readonly isHeard: boolean; readonly isHeld: boolean }
  /** It has done what had to precede its first task, if anything. */
  | { readonly type: "warmed" }
  | { readonly type: "due"; readonly reason: StopReason }
  /** It is not due any more. */
  | { readonly type: "kept" }
  /** The worker it replaces is retiring. */
  | { readonly type: "promoted" }
  /** It takes no more tasks, and leaves when it has none. */
  | { readonly type: "retire"; readonly reason: StopReason; readonly isIdle: boolean }
  /** A retiring worker has no task left. */
  | { readonly type: "idle" }
  | {
      readonly type: "stop";
      readonly reason: StopReason;
      readonly manner: StopManner;
      readonly error: unknown;
    }
  | { readonly type: "channelClosed" }
  | { readonly type: "outputEnded" }
  | { readonly type: "exited"; readonly exit: Exit }
  | { readonly type: "groupGone" }
  | { readonly type: "timeUp" };

export type Effect =
  /** It can do what has to precede its first task. */
  | { readonly type: "warmUp" }
  | { readonly type: "announceReady" }
  | { readonly type: "announceDue" }
  | { readonly type: "announceRetired" }
  | { readonly type: "askToLeave" }
  | { readonly type: "signal"; readonly name: Signal }
  /** SIGKILL to what is left in the worker's group, until `groupGone`. */
  | { readonly type: "sweepGroup" }
  /** Replaces the current timer: a worker waits for one thing at a time. */
  | { readonly type: "setTimer"; readonly ms: number }
  | { readonly type: "clearTimer" }
  /** The last effect: the slot is free. */
  | { readonly type: "bury" };

export interface MachineTimes {
  readonly startTimeout: number;
  readonly killTimeout: number;
}

/**
 * How long to wait for a dead worker's last bytes and the end of its group. The bytes are in the kernel already and the
 * group has received SIGKILL, so this only bounds a process outside the group that has inherited a pipe.
 */
const DRAIN_MS = 250;

/** How long after SIGTERM a worker that had its `killTimeout` before gets SIGKILL; never more than another `killTimeout`. */
const LAST_STEP_MS = 1_000;

/** An ending process closes its channel first. If its exit does not follow within this, it gets SIGKILL. */
const CLOSED_CHANNEL_MS = 500;

export function initialState(outputs: number, isReplacement = false): MachineState {
  return {
    phase: "starting",
    reason: undefined,
    error: undefined,
    wasReady: false,
    wasWarm: false,
    due: undefined,
    retired: undefined,
    isReplacement,
    wasLate: false,
    listens: false,
    isDeaf: false,
    channel: "none",
    outputsOpen: outputs,
    isGroupGone: false,
    exit: undefined,
  };
}

/** In ms. */
export function lastStep(killTimeout: number): number {
  return Math.min(killTimeout, LAST_STEP_MS);
}

/** It takes tasks now. */
export function takesTasks({ phase }: MachineState): boolean {
  return phase === "ready";
}

/** Ready or about to be: neither retiring nor stopping. */
export function isStaying({ phase }: MachineState): boolean {
  return phase === "starting" || phase === "warming" || phase === "ready";
}

/** A replacement may be started for it, and it retires when that is ready. */
export function isToBeReplaced(state: MachineState): boolean {
  return state.due !== undefined && isStaying(state);
}

type Step = readonly [MachineState, readonly Effect[]];

export function step(state: MachineState, event: MachineEvent, times: MachineTimes): Step {
  if (state.phase === "dead") return [state, []];
  switch (event.type) {
    case "connected":
      return [{ ...state, channel: "open" }, []];
    case "ready":
      if (state.phase !== "starting") return [state, []];
      return [{ ...state, phase: "warming", wasReady: true }, [{ type: "clearTimer" }, { type: "warmUp" }]];
    case "warmed":
      if (state.phase !== "warming") return [{ ...state, wasWarm: true }, []];
      return [{ ...state, phase: "ready", wasWarm: true }, [{ type: "announceReady" }]];
    case "due":
      if (!isStaying(state) || state.due !== undefined) return [state, []];
      return [{ ...state, due: event.reason }, [{ type: "announceDue" }]];
    case "kept":
      return [{ ...state, due: undefined }, []];
    case "promoted":
      return [{ ...state, isReplacement: false }, []];
    case "retire":
      return retire(state, event, times);
    case "idle":
      return state.phase === "retiring" ? leave(state, times) : [state, []];
    case "startFailed":
      // It has sent the error and is about to exit; SIGTERM gives it time to write its stderr.
      return stop(state, stopOf("start", "terminate", event.error), times);
    case "hearing": {
      const heard = { ...state, listens: event.isHeard, isDeaf: event.isHeld && !event.isHeard };
      // It holds the SIGTERM that it was sent before it could say so, and nobody acts on that.
      const isInVain = heard.isDeaf && !state.listens && state.phase === "terminating";
      return isInVain ? stop(heard, stopOf("closed", "kill"), times) : [heard, []];
    }
    case "stop":
      return stop(state, hardened(state, event), times);
    case "channelClosed":
      return closed({ ...state, channel: "closed" });
    case "outputEnded":
      return buryWhenDrained({ ...state, outputsOpen: state.outputsOpen - 1 });
    case "exited":
      return exited(state, event.exit);
    case "groupGone":
      return buryWhenDrained({ ...state, isGroupGone: true });
    case "timeUp":
      return timeUp(state, times);
  }
}

function retire(state: MachineState, event: MachineEvent & { type: "retire" }, times: MachineTimes): Step {
  if (!isStaying(state)) return [state, []];
  const retiring: MachineState = { ...state, retired: event.reason };
  const [next, effects] = event.isIdle
    ? leave(retiring, times)
    : [{ ...retiring, phase: "retiring" } as const, []];
  return [next, [{ type: "announceRetired" }, ...effects]];
}

function leave(state: MachineState, times: MachineTimes): Step {
  return stop(state, stopOf(state.retired ?? "closed", "ask"), times);
}

function stopOf(reason: StopReason, manner: StopManner, error?: unknown): MachineEvent & { type: "stop" } {
  return { type: "stop", reason, manner, error };
}

/** Carries out a stop, or escalates one that is under way; never softens it. */
function stop(state: MachineState, event: MachineEvent & { type: "stop" }, times: MachineTimes): Step {
  const stopping: MachineState = {
    ...state,
    reason: state.reason ?? event.reason,
    error: state.error ?? event.error,
  };
  // A worker that is not ready has nothing to finish and may not be reading yet.
  const atStart = state.isDeaf ? "kill" : "terminate";
  const manner = event.manner === "ask" && state.phase === "starting" ? atStart : event.manner;
  const isHarder = HARDNESS[PHASE_OF[manner]] > HARDNESS[state.phase];
  if (!isHarder) return [stopping, []];
  const next = { ...stopping, phase: PHASE_OF[manner] };
  switch (manner) {
    case "ask":
      return [next, [{ type: "askToLeave" }, { type: "setTimer", ms: times.killTimeout }]];
    case "terminate":
      return [next, asked(times.killTimeout)];
    case "warn":
      return [next, asked(lastStep(times.killTimeout))];
    case "kill":
      return [next, [{ type: "signal", name: "SIGKILL" }, { type: "clearTimer" }]];
  }
}

const asked = (ms: number): Effect[] => [
  { type: "signal", name: "SIGTERM" },
  { type: "setTimer", ms },
];

/** Where nobody would act on SIGTERM, waiting for its effect would only take time. Whoever has it already keeps their time. */
function hardened<E extends { readonly manner: StopManner }>(state: MachineState, stop: E): E {
  if (state.phase === "terminating") return stop;
  const isUseless =
    (stop.manner === "terminate" && state.isDeaf) || (stop.manner === "warn" && !state.listens);
  return isUseless ? { ...stop, manner: "kill" } : stop;
}

const PHASE_OF = { ask: "leaving", terminate: "terminating", warn: "terminating", kill: "killed" } as const;

const HARDNESS: Readonly<Record<Phase, number>> = {
  starting: 0,
  warming: 0,
  ready: 0,
  retiring: 0,
  leaving: 1,
  terminating: 2,
  killed: 3,
  draining: 4,
  dead: 5,
};

function closed(state: MachineState): Step {
  switch (state.phase) {
    case "starting":
    case "warming":
    case "ready":
    case "retiring":
      return [state, [{ type: "setTimer", ms: CLOSED_CHANNEL_MS }]];
    default:
      return buryWhenDrained(state);
  }
}

function exited(state: MachineState, exit: Exit): Step {
  if (state.exit !== undefined) return [state, []];
  const reason = state.reason ?? (state.wasReady ? "crash" : "start");
  const draining: MachineState = { ...state, phase: "draining", exit, reason };
  if (exit.error !== undefined) return bury(draining); // it never ran: no group, no output
  return [draining, [{ type: "setTimer", ms: DRAIN_MS }, { type: "sweepGroup" }]];
}

/** Its channel has closed and no exit followed. */
const HUNG_UP = stopOf("protocol", "kill");

function timeUp(state: MachineState, times: MachineTimes): Step {
  switch (state.phase) {
    case "starting":
      return state.channel === "closed"
        ? stop(state, HUNG_UP, times)
        : stop({ ...state, wasLate: true }, stopOf("start", "kill"), times);
    case "warming":
    case "ready":
    case "retiring":
      return stop(state, HUNG_UP, times);
    case "leaving":
      return stop(state, stopOf("closed", state.isDeaf ? "kill" : "warn"), times);
    case "terminating":
      return stop(state, stopOf("closed", "kill"), times);
    case "draining":
      return bury(state);
    case "killed":
    case "dead":
      return [state, []];
  }
}

function buryWhenDrained(state: MachineState): Step {
  const isDrained = state.channel !== "open" && state.outputsOpen <= 0 && state.isGroupGone;
  return state.phase === "draining" && isDrained ? bury(state) : [state, []];
}

function bury(state: MachineState): Step {
  return [{ ...state, phase: "dead" }, [{ type: "clearTimer" }, { type: "bury" }]];
}
