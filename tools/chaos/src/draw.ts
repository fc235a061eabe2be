/**
 * Draws a program from a seed, the same one each time. Owns how likely each call is; program.ts defines the parts.
 * Without faults most are many short programs on the same pools: starting workers costs more than calling them.
 */

import { Random } from "@reapool/measuring/random";
import { drawInput, drawPause, drawSource } from "./draw-inputs.ts";
import { drawFault, drawPool, drawPoolStep } from "./draw-pools.ts";
import type { CallOptions, CallStep, Gives, Mode, PoolSpec, Program, Step, Throws, Work } from "./program.ts";
import { isSound, stepsOf } from "./program.ts";

export function drawProgram(seed: number, number: number, mode: Mode): Program {
  const random = new Random(seed, number);
  const isShort = mode === "peace" && random.chance(SHORT_SHARE);
  const drawing = new Drawing(random, mode, isShort);
  return isShort ? drawing.shortPrograms() : drawing.program();
}

/** Of what is drawn without faults; the others start workers again and again, and take three times as long each. */
const SHORT_SHARE = 0.9;
/** On the same pools. */
const SHORT_PROGRAMS = 30;
/** A program's total time stays within a second or two; in ms of work. */
const LONG_WORK_MS = 1_200;
const SHORT_WORK_MS = 15;
/** Of the last one of them, which may change its pools. */
const LAST_WORK_MS = 100;

/** In ms. With the shorter ones the pool changes its behaviour. */
const DURATIONS = [0, 0.1, 0.6, 2, 5];
const GIVES: readonly Gives[] = ["number", "text", "bytes", "map", "date", "error", "shared"];
const THROWS: readonly Throws[] = ["error", "text", "null", "odd"];

class Drawing {
  readonly #random: Random;
  readonly #mode: Mode;
  readonly #isShort: boolean;
  readonly #pools: PoolSpec[] = [];
  #calls = 0;
  #workLeft = LONG_WORK_MS;
  #mayEmit = true;
  #isLast = true;

  constructor(random: Random, mode: Mode, isShort: boolean) {
    this.#random = random;
    this.#mode = mode;
    this.#isShort = isShort;
    const pools = random.chance(0.1) ? 2 : 1;
    for (let i = 0; i < pools; i++) this.#pools.push(drawPool(random, mode, isShort));
  }

  /** What is done to pools comes in the last one alone: it starts workers. */
  shortPrograms(): Program {
    const random = this.#random;
    // A module that never asks which task runs is served differently.
    this.#mayEmit = random.chance(0.5);
    const parts = Array.from({ length: SHORT_PROGRAMS }, (_, i) => {
      this.#isLast = i === SHORT_PROGRAMS - 1;
      this.#workLeft = this.#isLast ? LAST_WORK_MS : SHORT_WORK_MS;
      const length = random.weighted([
        [this.#isLast ? 0 : 4, random.integer(1, 3)],
        [3, random.integer(3, 6)],
        [1, random.integer(6, 10)],
      ]);
      return this.#soundSteps(length);
    });
    const [steps = [], ...more] = parts;
    return this.#complete({ pools: this.#pools, steps, more });
  }

  program(): Program {
    const random = this.#random;
    const length = random.weighted([
      [3, random.integer(1, 6)],
      [4, random.integer(4, 15)],
      [this.#isShortLived ? 0 : 2, random.integer(15, 40)],
    ]);
    return this.#complete({ pools: this.#pools, steps: this.#soundSteps(length) });
  }

  /** Redraws what can't end by itself. */
  #soundSteps(length: number): Step[] {
    const steps: Step[] = [];
    while (steps.length < length) {
      const step = this.#step();
      if (isSound({ pools: this.#pools, steps: [step] })) steps.push(step);
      // The first may still be under way, so that the second takes its place.
      if (step.do === "resize" && this.#random.chance(0.6))
        steps.push({ ...step, to: this.#random.integer(1, 4) });
    }
    return steps;
  }

  #complete(program: Program): Program {
    const random = this.#random;
    const needsJournal =
      this.#mode === "faults" || stepsOf(program).some((step) => "work" in step && step.work.fails);
    return {
      ...program,
      ...(needsJournal || random.chance(0.6) ? { journal: true } : {}),
      ...random.maybe(0.4, () => ({ results: true as const })),
      ...random.maybe(0.15, () => ({ end: "terminate" as const })),
    };
  }

  /** Workers are soon replaced: every few calls take a process, so there are few calls. */
  get #isShortLived(): boolean {
    return this.#pools.some(({ recycle }) => recycle !== undefined && recycle.tasks < 10);
  }

  #step(): Step {
    const random = this.#random;
    if (this.#mode === "faults" && random.chance(0.12)) return drawFault(random, this.#anyPool());
    return random.weighted<() => Step>([
      [34, () => this.#run()],
      [12, () => this.#stream()],
      [9, () => this.#read()],
      [11, () => this.#map()],
      [3, () => this.#broadcast()],
      [14, () => ({ do: "await", ...random.maybe(0.75, () => ({ call: this.#anyCall() })) })],
      [7, () => ({ do: "wait", ms: random.pick(this.#isShort ? [0, 1, 2, 3, 5] : [0, 1, 2, 3, 5, 10, 20]) })],
      [5, () => ({ do: "turn", of: random.pick(["microtask", "macrotask"]) })],
      [5, () => ({ do: "stats", ...this.#anyPool() })],
      [this.#isShort ? (this.#isLast ? 30 : 0) : 5, () => drawPoolStep(this.#random, this.#anyPool())],
    ])();
  }

  #run(): CallStep {
    const random = this.#random;
    const work = this.#work();
    const times = random.weighted([
      [12, undefined],
      [4, random.integer(2, 8)],
      [this.#isShort ? 0.5 : 2, random.integer(20, 60)],
      [this.#isShort ? 0.1 : 1, random.integer(280, 340)],
    ]);
    const isFew = times !== undefined && (times <= 8 || !this.#isShortLived);
    const affordable = isFew && this.#afford(times * (work.ms ?? 0));
    const isGuilty = work.guilt !== undefined;
    const needsEnd = work.guilt === "loop" || work.guilt === "stuck";
    const options = this.#options();
    const retries =
      random.chance(this.#isShort ? 0.003 : 0.08) && work.reads === undefined
        ? { retries: random.integer(1, 2) }
        : {};
    const fails = "retries" in retries && work.throws !== undefined ? { fails: random.integer(1, 2) } : {};
    return {
      do: "run",
      id: ++this.#calls,
      ...this.#anyPool(),
      // Each of them would take a descriptor.
      work: {
        ...work,
        ...fails,
        ...(times !== undefined && work.gives === "shared" ? { gives: "date" } : {}),
      },
      ...this.#some({ ...options, ...retries, ...(needsEnd && random.chance(0.7) ? { timeout: 40 } : {}) }),
      // Each attempt after the first is made in another process.
      ...(affordable && !isGuilty && !("fails" in fails && times > 8) ? { times } : {}),
      ...this.#abort(needsEnd ? 0.4 : 0.12),
      ...(work.emits === undefined ? {} : { progress: true as const }),
    };
  }

  #stream(): CallStep {
    const random = this.#random;
    const ms = random.weighted([
      [5, 0],
      [2, 0.1],
      [2, 0.6],
      [1, 2],
    ]);
    const items = random.pick([0, 1, 3, 15, 16, 17, 40, 100]);
    const isAffordable = this.#afford(items * ms) || !this.#isShort;
    return {
      do: "stream",
      id: ++this.#calls,
      ...this.#anyPool(),
      work: {
        items: ms >= 2 ? Math.min(items, 17) : items,
        ...(ms > 0 && isAffordable && { ms }),
        ...random.maybe(0.4, () => ({ asleep: true as const })),
        ...random.maybe(0.12, () => ({ throws: random.pick(THROWS) })),
      },
      ...this.#some(this.#options()),
      ...this.#abort(0.12),
      ...random.maybe(0.3, () => ({ take: random.pick([0, 1, 2, 10, 20]) })),
      ...random.maybe(0.15, () => ({ slow: drawPause(random, this.#isShort) })),
    };
  }

  /** A call that reads an iterable argument. */
  #read(): CallStep {
    const random = this.#random;
    const reads = drawInput(random, this.#isShort);
    const isStream = random.chance(0.35);
    const isEndless = reads.items === undefined && reads.of !== "missing file" && reads.take === undefined;
    const givenUp = random.integer(0, 2);
    return {
      do: isStream ? "stream" : "run",
      id: ++this.#calls,
      ...this.#anyPool(),
      work: { reads, ...random.maybe(0.2, () => ({ ms: random.pick([0.1, 0.6]) })) },
      ...this.#some({
        ...this.#options(),
        ...(isEndless && givenUp === 0 && !isStream ? { timeout: random.pick([5, 30]) } : {}),
      }),
      ...(isEndless && givenUp !== 0 ? this.#abort(1) : this.#abort(0.15)),
      ...(isStream && random.chance(isEndless ? 0.7 : 0.3) ? { take: random.pick([1, 3, 10]) } : {}),
    };
  }

  #map(): CallStep {
    const random = this.#random;
    const work = this.#work();
    const chunk = random.pick([undefined, undefined, 2, 7, 50]);
    const items = random.weighted<number | undefined>([
      [3, random.integer(0, 5)],
      [4, random.integer(5, this.#isShortLived ? 12 : 40)],
      [this.#isShortLived ? 0 : this.#isShort ? 0.2 : 2, random.integer(100, 200)],
      [1, undefined],
    ]);
    const ms = this.#afford((items ?? 40) * (work.ms ?? 0)) ? (work.ms ?? 0) : 0;
    const { reads: _r, emits: _e, starts: _s, guilt, ...rest } = work;
    // Each item would take a process.
    const isRareDeath = guilt === "exit" && items !== undefined && items <= 5;
    const source = drawSource(random, items, this.#isShort);
    return {
      do: "map",
      id: ++this.#calls,
      ...this.#anyPool(),
      work: {
        ...rest,
        ...(ms > 0 && { ms }),
        ...(isRareDeath && { guilt }),
        ...(rest.gives === "shared" ? { gives: "number" as const } : {}),
      },
      ...this.#some({
        ...this.#options(),
        ...(chunk !== undefined && { chunk }),
        ...random.maybe(0.4, () => ({ ordered: false })),
        ...random.maybe(0.3, () => ({ concurrency: random.pick([1, 2, 5, 30]) })),
        ...random.maybe(0.3, () => ({ stopOnError: false })),
      }),
      source,
      ...this.#abort(items === undefined || source.ends === "stuck" ? 0.5 : 0.12),
      ...random.maybe(items === undefined ? 0.8 : 0.25, () => ({ take: random.pick([0, 1, 3, 10]) })),
      ...random.maybe(0.1, () => ({ slow: drawPause(random, this.#isShort) })),
      ...random.maybe(0.03, () => ({ unread: true as const })),
    };
  }

  #broadcast(): CallStep {
    const random = this.#random;
    const { ms = 0 } = this.#work();
    return {
      do: "broadcast",
      id: ++this.#calls,
      ...this.#anyPool(),
      work: { ms, ...random.maybe(0.3, () => ({ gives: random.pick(["text", "map"] as const), size: 100 })) },
      ...this.#some(random.maybe(0.3, () => ({ later: true }))),
      ...this.#abort(0.1),
    };
  }

  #work(): Work {
    const random = this.#random;
    const ms = random.pick(DURATIONS);
    const gives = random.chance(0.35) ? random.pick(GIVES) : undefined;
    const size = random.weighted([
      [8, random.integer(0, 50)],
      [this.#isShort ? 1 : 3, random.pick([1_000, 65_000, 66_000])],
      [this.#isShort ? 0.1 : 1, random.pick([150_000, 2 ** 20])],
    ]);
    const hasSize = gives === "text" || gives === "bytes";
    const guilt =
      this.#mode === "faults" && random.chance(0.07)
        ? random.weighted([
            [5, "exit" as const],
            [3, "exit later" as const],
            [2, "throw later" as const],
            [2, "reject later" as const],
            [2, "loop" as const],
            [2, "stuck" as const],
            [1, "leak" as const],
          ])
        : undefined;
    return {
      ...(ms > 0 && { ms }),
      ...random.maybe(0.35, () => ({ asleep: true as const })),
      ...random.maybe(0.5, () => ({ own: true as const })),
      ...(gives !== undefined && { gives }),
      ...(hasSize && { size: gives === "text" ? Math.min(size, 300_000) : size }),
      ...random.maybe(0.1, () => ({ throws: random.pick(THROWS) })),
      ...random.maybe(this.#mayEmit ? 0.06 : 0, () => ({ emits: random.integer(1, 6) })),
      ...(guilt !== undefined && { guilt }),
      ...random.maybe(this.#mode === "faults" ? 0.03 : 0, () => ({ starts: true as const })),
    };
  }

  #options(): CallOptions {
    const random = this.#random;
    return {
      ...random.maybe(0.06, () => ({ timeout: random.pick([3, 20, 100]) })),
      ...random.maybe(0.06, () => ({ queueTimeout: random.pick([1, 10, 100]) })),
      ...random.maybe(0.1, () => ({ priority: random.integer(-2, 5) })),
      ...random.maybe(0.12, () => ({ key: random.pick(["a", "b", "c"]) })),
    };
  }

  #abort(probability: number): Pick<CallStep, "abort"> | object {
    const random = this.#random;
    return random.maybe(probability, () => ({
      abort: random.weighted<"before" | number>([
        [1, "before"],
        [3, 0],
        [6, random.pick(this.#isShort ? [1, 1, 2, 4, 8] : [1, 2, 4, 8, 20])],
      ]),
    }));
  }

  #anyPool(): { readonly pool: number } | object {
    return this.#pools.length > 1 && this.#random.chance(0.4) ? { pool: 1 } : {};
  }

  #anyCall(): number {
    return this.#random.integer(Math.max(1, this.#calls - 3), Math.max(1, this.#calls));
  }

  #some(options: object): { readonly options: CallOptions } | object {
    return Object.keys(options).length === 0 ? {} : { options };
  }

  #afford(ms: number): boolean {
    if (ms > this.#workLeft) return false;
    this.#workLeft -= ms;
    return true;
  }
}
