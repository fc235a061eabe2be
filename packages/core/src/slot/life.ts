/**
 * Runs the machine of one worker: feeds it with events, keeps its state and the one timer it asks for, and passes on all
 * other effects. Decides nothing: machine.ts does.
 */
import { type Limit, limitOf } from "../host/limit.ts";
import type { LoopWatch } from "../host/loop-watch.ts";
import type { Trace } from "../trace.ts";
import { type Effect, type MachineEvent, type MachineState, type MachineTimes, step } from "./machine.ts";

/** An effect that someone else carries out. */
export type Deed = Exclude<Effect, { readonly type: "setTimer" | "clearTimer" }>;

export interface LifeContext {
  readonly loop: LoopWatch;
  readonly times: MachineTimes;
  readonly workerId: number;
  readonly trace: Trace | undefined;
  /** Called behind each step, before its effects: state first. */
  onStep(): void;
  carryOut(deed: Deed): void;
}

export class Life {
  #state: MachineState;
  #timer: Limit | undefined;
  readonly #context: LifeContext;

  constructor(initial: MachineState, context: LifeContext) {
    this.#state = initial;
    this.#context = context;
  }

  get state(): MachineState {
    return this.#state;
  }

  handle(event: MachineEvent): void {
    const { times, trace, workerId } = this.#context;
    const [state, effects] = step(this.#state, event, times);
    trace?.step(workerId, this.#state, event, state, effects);
    this.#state = state;
    this.#context.onStep();
    for (const effect of effects) {
      if (effect.type === "setTimer") this.setTimer(effect.ms);
      else if (effect.type === "clearTimer") this.setTimer(Number.POSITIVE_INFINITY);
      else this.#context.carryOut(effect);
    }
  }

  /** Replaces the current one: a worker waits for one thing at a time. */
  setTimer(ms: number): void {
    this.#timer?.cancel();
    this.#timer = limitOf(this.#context.loop, ms, () => this.handle({ type: "timeUp" }));
  }
}
