/** Draws a program from a seed: the same one each time. Owns how likely each thing is; what the things are is program.ts. */
import { drawFault, drawPoolStep } from "./draw-pool-steps.ts";
import type {
  CallOptions,
  CallStep,
  Gives,
  Input,
  Mode,
  PoolSpec,
  Program,
  Source,
  Step,
  Throws,
  Work,
} from "./program.ts";
import { isSound } from "./program.ts";
import { Random } from "./random.ts";

export function drawProgram(seed: number, number: number, mode: Mode): Program {
  // What can't end by itself is drawn anew.
  for (let attempt = 0; ; attempt++) {
    const program = new Drawing(new Random(seed, number, attempt), mode).program();
    if (isSound(program)) return program;
  }
}

/** In ms. At the shorter ones the pool changes its ways. */
const DURATIONS = [0, 0.1, 0.6, 2, 5];
const GIVES: readonly Gives[] = ["number", "text", "bytes", "map", "date", "error", "shared"];
const THROWS: readonly Throws[] = ["error", "text", "null", "odd"];

class Drawing {
  readonly #random: Random;
  readonly #mode: Mode;
  readonly #pools: PoolSpec[] = [];
  #calls = 0;
  /** What a program takes in all stays within a second or two. */
  #workLeft = 1_200;

  constructor(random: Random, mode: Mode) {
    this.#random = random;
    this.#mode = mode;
  }

  program(): Program {
    const random = this.#random;
    const pools = random.chance(0.1) ? 2 : 1;
    for (let i = 0; i < pools; i++) this.#pools.push(this.#pool());
    const length = random.weighted([
      [3, random.integer(1, 6)],
      [4, random.integer(4, 15)],
      [this.#isShortLived ? 0 : 2, random.integer(15, 40)],
    ]);
    const steps = Array.from({ length }, () => this.#step());
    const needsJournal = this.#mode === "faults" || steps.some((step) => "work" in step && step.work.fails);
    return {
      pools: this.#pools,
      steps,
      ...(needsJournal || random.chance(0.6) ? { journal: true } : {}),
      ...random.maybe(0.4, () => ({ results: true as const })),
      ...random.maybe(0.15, () => ({ end: "terminate" as const })),
    };
  }

  /** Workers are soon replaced: each few calls take a process, so they are few. */
  get #isShortLived(): boolean {
    return this.#pools.some(({ recycle }) => recycle !== undefined && recycle.tasks < 10);
  }

  #pool(): PoolSpec {
    const random = this.#random;
    const maxWorkers = random.weighted([
      [5, 1],
      [4, 2],
      [1, 3],
    ]);
    const isFaulty = this.#mode === "faults";
    return {
      maxWorkers,
      ...random.maybe(0.25, () => ({ minWorkers: random.integer(1, maxWorkers) })),
      ...random.maybe(0.4, () => ({ concurrentTasksPerWorker: random.integer(1, 3) })),
      ...random.maybe(0.5, () => ({ prefetch: random.pick([0, 1, 3, 8]) })),
      ...random.maybe(maxWorkers > 1 ? 0.1 : 0, () => ({ spares: 1 })),
      ...random.maybe(0.12, () => ({ maxQueue: random.pick([0, 1, 3, 10]) })),
      ...random.maybe(0.04, () => ({ queueTimeout: random.pick([5, 60]) })),
      ...random.maybe(0.04, () => ({ timeout: random.pick([3, 20, 100]) })),
      ...random.maybe(0.12, () => ({ idleTimeout: random.pick([0, 5, 30]) })),
      ...random.maybe(isFaulty ? 0.3 : 0.05, () => ({
        hangTimeout: isFaulty ? random.pick([200, 500]) : 5_000,
      })),
      ...(isFaulty
        ? { killTimeout: random.pick([30, 200]) }
        : random.maybe(0.2, () => ({ killTimeout: random.pick([50, 300]) }))),
      ...random.maybe(0.15, () => ({ recycle: { tasks: random.pick([1, 2, 5, 30, 30]) } })),
      ...random.maybe(isFaulty ? 0.04 : 0, () => ({ memoryLimit: 250 })),
    };
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
      [7, () => ({ do: "wait", ms: random.pick([0, 1, 2, 3, 5, 10, 20]) })],
      [5, () => ({ do: "turn", of: random.pick(["microtask", "macrotask"]) })],
      [5, () => ({ do: "stats", ...this.#anyPool() })],
      [5, () => drawPoolStep(this.#random, this.#anyPool())],
    ])();
  }

  #run(): CallStep {
    const random = this.#random;
    const work = this.#work();
    const times = random.weighted([
      [12, undefined],
      [4, random.integer(2, 8)],
      [2, random.integer(20, 60)],
      [1, random.integer(280, 340)],
    ]);
    const isFew = times !== undefined && (times <= 8 || !this.#isShortLived);
    const affordable = isFew && this.#afford(times * (work.ms ?? 0));
    const isGuilty = work.guilt !== undefined;
    const needsEnd = work.guilt === "loop" || work.guilt === "stuck";
    const options = this.#options();
    const retries = random.chance(0.08) && work.reads === undefined ? { retries: random.integer(1, 2) } : {};
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
      ...(affordable && !isGuilty ? { times } : {}),
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
    this.#afford(items * ms);
    return {
      do: "stream",
      id: ++this.#calls,
      ...this.#anyPool(),
      work: {
        items: ms >= 2 ? Math.min(items, 17) : items,
        ...(ms > 0 && { ms }),
        ...random.maybe(0.4, () => ({ asleep: true as const })),
        ...random.maybe(0.12, () => ({ throws: random.pick(THROWS) })),
      },
      ...this.#some(this.#options()),
      ...this.#abort(0.12),
      ...random.maybe(0.3, () => ({ take: random.pick([0, 1, 2, 10, 20]) })),
      ...random.maybe(0.15, () => ({ slow: random.pick([0, 1, 3]) })),
    };
  }

  /** A call that reads an iterable argument. */
  #read(): CallStep {
    const random = this.#random;
    const reads = this.#input();
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

  #input(): Input {
    const random = this.#random;
    const of = random.weighted([
      [6, "generator" as const],
      [3, "readable" as const],
      [1, "missing file" as const],
    ]);
    if (of === "missing file") return { of };
    return {
      of,
      ...random.maybe(0.7, () => ({ items: random.pick([0, 1, 3, 16, 17, 60]) })),
      ...random.maybe(0.15, () => ({ fails: true as const })),
      ...random.maybe(0.4, () => ({ every: random.pick([0, 1, 4]) })),
      ...random.maybe(0.25, () => ({ take: random.pick([1, 2, 5]) })),
    };
  }

  #map(): CallStep {
    const random = this.#random;
    const work = this.#work();
    const chunk = random.pick([undefined, undefined, 2, 7, 50]);
    const of = random.pick(["array", "generator", "later"] as const);
    const items = random.weighted<number | undefined>([
      [3, random.integer(0, 5)],
      [4, random.integer(5, this.#isShortLived ? 12 : 40)],
      [this.#isShortLived ? 0 : 2, random.integer(100, 200)],
      [1, undefined],
    ]);
    const ms = this.#afford((items ?? 40) * (work.ms ?? 0)) ? (work.ms ?? 0) : 0;
    const { reads: _r, emits: _e, starts: _s, guilt, ...rest } = work;
    // Each item would take a process.
    const isRareDeath = guilt === "exit" && items !== undefined && items <= 5;
    const source: Source = {
      of,
      ...(items !== undefined && { items }),
      ...(of === "later" && random.chance(0.5) ? { every: random.pick([0, 1, 3]) } : {}),
      ...random.maybe(0.12, () => ({ ends: random.pick(["fails", "fails", "stuck"] as const) })),
      ...random.maybe(0.15, () => ({ bad: random.pick([1, 3, 10]) })),
    };
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
      ...random.maybe(0.1, () => ({ slow: random.pick([0, 1, 3]) })),
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
      [3, random.pick([1_000, 65_000, 66_000])],
      [1, random.pick([150_000, 2 ** 20])],
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
      ...random.maybe(0.06, () => ({ emits: random.integer(1, 6) })),
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
        [6, random.pick([1, 2, 4, 8, 20])],
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
