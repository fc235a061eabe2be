/**
 * When a dead worker's place may be filled again: OTP's restart intensity with a back-off, as pure functions
 * over a small state. Knows times and counts; starts nothing and owns no timer.
 *
 * A death counts when the worker had completed no task since its start: a crash in the middle of a
 * productive life says nothing about the next start. Deaths of workers that were started before the last
 * counted one belong to the same incident, so that eight workers which fail together count once.
 */
import type { RestartOptions } from "../options/pool-options.ts";
import { backoffDelay } from "../task/retry-policy.ts";

export interface RestartState {
  /** When the counted deaths of the last period happened. */
  readonly deaths: readonly number[];
  /** Counted deaths since a worker last proved itself. */
  readonly streak: number;
  /** No worker starts before this. */
  readonly notBefore: number;
  readonly isBroken: boolean;
}

export const UNTROUBLED: RestartState = {
  deaths: [],
  streak: 0,
  notBefore: Number.NEGATIVE_INFINITY,
  isBroken: false,
};

/**
 * A worker died that had completed no task and that nobody had asked to go.
 *
 * @param startedAt When it was started; `now` is when it died.
 * @param random From 0 to 1, drawn anew for each call.
 */
export function afterDeath(
  state: RestartState,
  options: RestartOptions,
  startedAt: number,
  now: number,
  random: number,
): RestartState {
  const last = state.deaths.at(-1);
  if (last !== undefined && startedAt <= last) return state;
  const deaths = [...state.deaths.filter((at) => now - at < options.period), now];
  const streak = state.streak + 1;
  const delay = backoffDelay(options.backoff, streak, random);
  return {
    deaths,
    streak,
    notBefore: now + delay,
    // The streak counts too: starts that fail slowly never gather in one period.
    isBroken: state.isBroken || deaths.length > options.intensity || streak > options.intensity,
  };
}

/** A worker completed a task. Proof that starting works only when it started after the last death. */
export function afterSuccess(state: RestartState, startedAt: number): RestartState {
  const last = state.deaths.at(-1);
  if (state.streak === 0 || (last !== undefined && startedAt <= last)) return state;
  return { ...UNTROUBLED, deaths: state.isBroken ? [] : state.deaths };
}

/**
 * How many of the wanted workers may start now. In trouble one at a time, and none while one is starting: it
 * is the trial the others wait for.
 */
export function permitted(state: RestartState, wanted: number, starting: number, now: number): number {
  if (state.streak === 0) return wanted;
  return now < state.notBefore || starting > 0 ? 0 : Math.min(wanted, 1);
}
