/**
 * The mutation loop, in whichever runtime this is: each input can be reproduced from its seed and number. Owns the
 * choice of the target and the shrinking of failing inputs; program.ts reports them.
 */
import { performance } from "node:perf_hooks";
import { areSuspicious, breachOf, type Limits } from "./bounds.ts";
import { connectionTarget } from "./connection-target.ts";
import { type Corpus, makeCorpus } from "./corpus.ts";
import { hostileFrames, mutateFrames, mutateValue } from "./mutate.ts";
import { Random } from "./random.ts";
import { readerTarget } from "./reader-target.ts";
import { smallest } from "./smallest.ts";
import type { Target } from "./target.ts";
import { valueTarget } from "./value-target.ts";

export interface Found {
  readonly target: string;
  readonly what: string;
  readonly index: number;
  readonly input: Uint8Array;
}

export interface LoopSettings {
  readonly seed: number;
  readonly seconds: number;
  /** The number of the first input. */
  readonly from?: number;
  readonly targets?: readonly Target[];
  readonly limits?: Limits;
  /** Ends after so many finds: more would hardly be different ones. */
  readonly most?: number;
  /** One input at a time, to find one that never returns. */
  readonly isTraced?: boolean;
  /** Called before each input, or before some. */
  readonly onInput?: (index: number) => void;
}

const MOST = 5;

/** Inputs that are tried before checking whether anything is wrong. */
const AT_ONCE = 16;

/** Values have the most ways to be wrong. */
export const ALL_TARGETS = (): Target[] => [valueTarget(), valueTarget(), connectionTarget(), readerTarget()];

export function fuzz(settings: LoopSettings): { readonly inputs: number; readonly found: readonly Found[] } {
  const {
    seed,
    seconds,
    from = 0,
    targets = ALL_TARGETS(),
    limits,
    most = MOST,
    isTraced,
    onInput = () => {},
  } = settings;
  const corpus = makeCorpus();
  const end = performance.now() + seconds * 1_000;
  const found: Found[] = [];
  const breach = (target: Target, input: Uint8Array) => breachOf(target, input, limits);
  let index = from;
  while (performance.now() < end && found.length < most) {
    const first = index;
    const inputs = Array.from({ length: isTraced ? 1 : AT_ONCE }, () =>
      inputOf(targets, corpus, seed, index++),
    );
    onInput(first);
    if (!areSuspicious(inputs, limits)) continue;
    for (const [i, [target, input]] of inputs.entries()) {
      const what = found.length < most ? breach(target, input) : undefined;
      if (what === undefined) continue;
      const small = smallest(input, (candidate) => breach(target, candidate) !== undefined);
      found.push({
        target: target.name,
        what: breach(target, small) ?? what,
        index: first + i,
        input: small,
      });
    }
  }
  return { inputs: index - from, found };
}

function inputOf(
  targets: readonly Target[],
  { values, frames }: Corpus,
  seed: number,
  index: number,
): readonly [Target, Uint8Array] {
  const target = targets[index % targets.length] as Target;
  const random = new Random(seed, index);
  if (target.name === "value") return [target, mutateValue(random.pick(values), random, values)];
  if (target.name === "connection" && random.once(3)) return [target, hostileFrames(random, values)];
  return [target, mutateFrames(random.pick(frames), random, random.once(8) ? values : frames)];
}
