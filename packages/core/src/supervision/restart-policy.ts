/**
 * When a dead worker may be replaced: OTP's restart intensity with a back-off, as pure functions over a small state. Knows
 * times and counts; starts nothing and owns no timer.
 *
 * A death counts when the worker had completed no task since its start: the crash of a productive worker says nothing about
 * the next start. Deaths of workers that were started before the last counted death belong to the same incident, so that
 * eight workers that fail together count once.
 */
import type { RestartOptions } from "../options/pool-options.ts";
import { backoffDelay } from "../task/retry-policy.ts";

export interface RestartState {
  /** Times of the counted deaths within the last period. */
  readonly deaths: readonly number[];
  /** Counted deaths since a worker last completed a task. */
  readonly streak: number;
  /** No worker starts before this time. */
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
 * A worker ended unexpectedly without having completed a task.
 *
 * @param startedAt When it was started; `now` is when it died.
 * @param random A fresh `Math.random()`.
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
    // The streak counts too: slow failures would never add up within one period.
    isBroken: state.isBroken || deaths.length > options.intensity || streak > options.intensity,
  };
}

/** A worker completed a task. This proves that starting works only if it started after the last death. */
export function afterSuccess(state: RestartState, startedAt: number): RestartState {
  const last = state.deaths.at(-1);
  if (state.streak === 0 || (last !== undefined && startedAt <= last)) return state;
  return { ...UNTROUBLED, deaths: state.isBroken ? [] : state.deaths };
}

/**
 * How many of the wanted workers may start now. After a counted death only one at a time, and none while one is starting:
 * the others wait for the outcome of that trial.
 */
export function permitted(state: RestartState, wanted: number, starting: number, now: number): number {
  if (state.streak === 0) return wanted;
  return now < state.notBefore || starting > 0 ? 0 : Math.min(wanted, 1);
}
