/** Plays drawn programs in one runtime for a while. Owns how many run at once, and when a player is replaced. */
import type { Runtime } from "@reapool/measuring/runtimes";
import { drawProgram } from "./draw.ts";
import type { Breach, Holdings, Played } from "./player/messages.ts";
import { type PlayerOptions, PlayerProcess } from "./player-process.ts";
import { countFaults, type Mode, type Program } from "./program.ts";

/** In ms; nothing that works is silent for so long, even on a busy machine. */
export const SILENCE_MS: Readonly<Record<Mode, number>> = { peace: 5_000, faults: 10_000 };

/** Players at the same time, for two processors. */
const PLAYERS = 2;
/**
 * Programs that one player plays at once: while the workers of one start, others compute. Faults may hit the host
 * itself.
 */
const AT_ONCE: Readonly<Record<Mode, number>> = { peace: 4, faults: 1 };

/** After so many pools or sets of pools, each player is checked for leaks. */
const COUNT_EVERY = 40;
/** Descriptors that a runtime may open for itself in the meantime. */
const SLACK = 8;
/** Bytes of heap that vary with what was played last. */
const HEAP_SLACK = 48 * 2 ** 20;

export interface Found {
  /** The program's number, from which it can be drawn again. */
  readonly number: number;
  readonly program: Program;
  readonly breaches: readonly Breach[];
}

export interface Round {
  readonly runtime: Runtime;
  readonly mode: Mode;
  /** Programs that follow one another on the same pools count individually. */
  readonly programs: number;
  readonly calls: number;
  readonly faults: number;
  readonly seconds: number;
  readonly found: readonly Found[];
  /** Faults that were not possible here, and why. */
  readonly skipped: readonly string[];
}

export interface RoundOptions extends PlayerOptions {
  readonly seed: number;
  readonly seconds: number;
}

export async function playRound(runtime: Runtime, mode: Mode, options: RoundOptions): Promise<Round> {
  const begun = performance.now();
  const isOver = (): boolean => performance.now() - begun > options.seconds * 1_000;
  const found: Found[] = [];
  const skipped = new Set<string>();
  let [number, programs, calls, faults] = [0, 0, 0, 0];

  const theatre = new Theatre(runtime, mode, options);
  const lane = async (): Promise<void> => {
    while (!isOver()) {
      const mine = ++number;
      const program = drawProgram(options.seed, mine, mode);
      const { breaches, ...played } = await theatre.play(program);
      programs += played.programs;
      calls += played.calls;
      faults += countFaults(program);
      for (const reason of played.skipped) skipped.add(reason);
      if (breaches.length > 0) found.push({ number: mine, program, breaches });
    }
  };
  await Promise.all(Array.from({ length: PLAYERS * AT_ONCE[mode] }, lane));
  await theatre.close();
  const seconds = (performance.now() - begun) / 1_000;
  return { runtime, mode, programs, calls, faults, seconds, found, skipped: [...skipped] };
}

/** The players of a round. */
class Theatre {
  readonly #mode: Mode;
  readonly #companies: Company[];

  constructor(runtime: Runtime, mode: Mode, options: PlayerOptions) {
    this.#mode = mode;
    this.#companies = Array.from({ length: PLAYERS }, () => new Company(runtime, options));
  }

  play(program: Program): Promise<Played> {
    const [company] = this.#companies.toSorted((a, b) => a.playing - b.playing);
    return (company as Company).play(program, SILENCE_MS[this.#mode]);
  }

  async close(): Promise<void> {
    await Promise.all(this.#companies.map((company) => company.dispose()));
  }
}

/** One player after another. Programs that are played at once share one, and a breach in one of them ends it. */
class Company {
  playing = 0;
  readonly #start: () => PlayerProcess;
  #player: PlayerProcess;
  #played = 0;
  #base: Holdings | undefined;
  /** While it is checked, it plays nothing. */
  #rest: Promise<readonly Breach[]> | undefined;
  #whenAlone: () => void = () => {};
  readonly #leaving = new Set<Promise<void>>();

  constructor(runtime: Runtime, options: PlayerOptions) {
    this.#start = () => new PlayerProcess(runtime, options);
    this.#player = this.#start();
  }

  async play(program: Program, silence: number): Promise<Played> {
    await this.#rest;
    const player = this.#player;
    this.playing++;
    let played = await player.play(program, silence);
    this.playing--;
    if (played.breaches.length > 0) this.#replace(player);
    if (this.playing === 0) this.#whenAlone();
    if (player === this.#player && ++this.#played % COUNT_EVERY === 0) {
      this.#rest = this.#count(player);
      const breaches = await this.#rest;
      this.#rest = undefined;
      played = { ...played, breaches: [...played.breaches, ...breaches] };
    }
    return played;
  }

  /** What it still does would disturb the next program. The others that it plays run to their end. */
  #replace(player: PlayerProcess): void {
    if (player !== this.#player) return;
    this.#player = this.#start();
    this.#played = 0;
    this.#base = undefined;
    const leaving: Promise<void> = player.dispose().then(() => void this.#leaving.delete(leaving));
    this.#leaving.add(leaving);
  }

  async #count(player: PlayerProcess): Promise<readonly Breach[]> {
    if (this.playing > 0) {
      await new Promise<void>((resolve) => {
        this.#whenAlone = resolve;
      });
    }
    const now = await player.count();
    this.#base ??= now;
    return leaks(this.#base, now);
  }

  async dispose(): Promise<void> {
    await Promise.all([this.#player.dispose(), ...this.#leaving]);
  }
}

function leaks(base: Holdings | undefined, now: Holdings | undefined): Breach[] {
  if (base === undefined || now === undefined) return [];
  const breaches: Breach[] = [];
  const leak = (expected: string, received: string): void => {
    breaches.push({ kind: "leak", what: "host at rest", expected, received });
  };
  if (now.descriptors > base.descriptors + SLACK)
    leak(`${base.descriptors} descriptors`, `${now.descriptors}`);
  if (now.heap > base.heap + HEAP_SLACK) leak(`a heap of ${base.heap} bytes`, `${now.heap} bytes`);
  if (now.processes.length > 0) leak("no process below it", now.processes.join(", "));
  return breaches;
}
