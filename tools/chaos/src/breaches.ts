/** From the programs that broke something to the shortest one of each kind. Owns how many chances a race gets. */
import type { Runtime } from "@reapool/measuring/runtimes";
import type { Breach, Played } from "./player/messages.ts";
import { type PlayerOptions, PlayerProcess } from "./player-process.ts";
import { countFaults, type Mode, type Program, partsOf, withParts } from "./program.ts";
import { type Found, type Round, SILENCE_MS } from "./rounds.ts";
import { shrink } from "./shrink.ts";

export interface Told {
  readonly runtime: Runtime;
  readonly mode: Mode;
  readonly number: number;
  /** Programs of the round that broke the same thing. */
  readonly times: number;
  readonly breach: Breach;
  readonly program: Program;
  /** How often it failed in ten runs alone, before it was shrunk. */
  readonly again: number;
}

const TRIES = 10;
const MOST_TRIES = 12;
/** How long a program played only for this may take: it need not be waited for as long. */
const SHORT_SILENCE_MS = 1_500;
/** A player that is silent for this long is stuck itself. */
const PATIENCE_MS = 60_000;
/** How many programs of one kind are tried until one fails alone. */
const CANDIDATES = 4;
/** Attempts at the same time. */
const LANES = 3;

export interface TellOptions extends PlayerOptions {
  /** How many kinds. */
  readonly most: number;
  /** How long to look for one that fails alone, and then how long to shrink it: in seconds. */
  readonly shrinkSeconds: number;
}

/** What was broken, in words that are the same for similar programs. */
export function kindOf({ kind, what, received }: Breach): string {
  const code = /ERR_\w+/.exec(received)?.[0] ?? "";
  return `${kind} ${what.replace(/[\d.]+/g, "")} ${code}`;
}

/** The first few kinds, each with the shortest program found. */
export async function* tellBreaches(round: Round, options: TellOptions): AsyncGenerator<Told> {
  const kinds = new Map<string, Candidate[]>();
  for (const found of round.found) {
    for (const breach of found.breaches) {
      const kind = kindOf(breach);
      const same = kinds.get(kind) ?? [];
      kinds.set(kind, same);
      if (!same.some((other) => other.found === found)) same.push({ found, breach });
    }
  }
  for (const [kind, all] of [...kinds].slice(0, options.most)) {
    const candidates = all.toSorted((a, b) => lengthOf(alone(a)) - lengthOf(alone(b)));
    yield { ...(await tell(round, kind, candidates.slice(0, CANDIDATES), options)), times: all.length };
  }
}

const lengthOf = (program: Program): number => JSON.stringify(program).length;

interface Candidate {
  readonly found: Found;
  readonly breach: Breach;
}

/** The part that broke it; the last one where it is not known. */
const partOf = ({ found: { program }, breach: { part } }: Candidate): number =>
  part ?? partsOf(program).length - 1;

/** That part on pools of its own. */
const alone = (candidate: Candidate): Program => fromTo(candidate, partOf(candidate));

/** With the parts before it. */
const upTo = (candidate: Candidate): Program => fromTo(candidate, 0);

const fromTo = (candidate: Candidate, from: number): Program =>
  withParts(candidate.found.program, partsOf(candidate.found.program).slice(from, partOf(candidate) + 1));

async function tell(
  { runtime, mode }: Round,
  kind: string,
  candidates: readonly Candidate[],
  options: TellOptions,
): Promise<Omit<Told, "times">> {
  const rehearsals = Array.from({ length: LANES }, () => new Rehearsal(runtime, options));
  const [first] = candidates as [Candidate];
  let { found, breach: last } = first;
  let program = upTo(first);
  /** How many of these runs broke the same thing. */
  const tryOut = async (
    program: Program,
    tries: number,
    silence: number,
    isEnough: number,
  ): Promise<number> => {
    let [left, seen] = [tries, 0];
    const lane = async (rehearsal: Rehearsal): Promise<void> => {
      while (left-- > 0 && seen < isEnough) {
        const { breaches } = await rehearsal.play(program, silence);
        const same = breaches.find((one) => kindOf(one) === kind);
        if (same === undefined) continue;
        last = same;
        seen++;
      }
    };
    await Promise.all(rehearsals.map(lane));
    return seen;
  };
  // Programs that were played at once share what happened to their host: only one of them causes it.
  let again = 0;
  const ways = candidates.flatMap((candidate) =>
    (partOf(candidate) > 0 ? [alone, upTo] : [alone]).map((way) => ({
      found: candidate.found,
      program: way(candidate),
    })),
  );
  let begun = performance.now();
  const isOver = (): boolean => performance.now() - begun > options.shrinkSeconds * 1_000;
  for (const way of ways) {
    if (isOver()) break;
    again = await tryOut(way.program, TRIES, SILENCE_MS[mode] / 2, TRIES);
    if (again === 0) continue;
    ({ found, program } = way);
    break;
  }
  const tries = Math.min(MOST_TRIES, Math.ceil((2 * TRIES) / Math.max(1, again)));
  const fails = async (program: Program): Promise<boolean> =>
    (await tryOut(program, tries, SHORT_SILENCE_MS, 1)) > 0;
  begun = performance.now();
  if (again > 0) program = await shrink(program, { fails, isOver });
  await Promise.all(rehearsals.map((rehearsal) => rehearsal.dispose()));
  return { runtime, mode, number: found.number, breach: last, program, again };
}

/** Plays the same program again and again: what it breaks may be a race. */
export async function replay(
  runtime: Runtime,
  mode: Mode,
  program: Program,
  times: number,
  options: PlayerOptions,
): Promise<Round> {
  const begun = performance.now();
  const rehearsal = new Rehearsal(runtime, options);
  const found: Found[] = [];
  const skipped = new Set<string>();
  let [programs, calls] = [0, 0];
  for (let number = 1; number <= times; number++) {
    const played = await rehearsal.play(program, SILENCE_MS[mode]);
    programs += played.programs;
    calls += played.calls;
    for (const reason of played.skipped) skipped.add(reason);
    if (played.breaches.length > 0) found.push({ number, program, breaches: played.breaches });
  }
  await rehearsal.dispose();
  const seconds = (performance.now() - begun) / 1_000;
  const faults = countFaults(program) * times;
  return { runtime, mode, programs, calls, faults, seconds, found, skipped: [...skipped] };
}

/** Plays one program after another, each in a fresh player. */
class Rehearsal {
  readonly #runtime: Runtime;
  readonly #options: PlayerOptions;
  #player: PlayerProcess | undefined;

  constructor(runtime: Runtime, options: PlayerOptions) {
    this.#runtime = runtime;
    this.#options = options;
  }

  async play(program: Program, silence: number): Promise<Played> {
    this.#player ??= new PlayerProcess(this.#runtime, this.#options);
    const played = await this.#player.play(program, silence, silence + PATIENCE_MS);
    if (played.breaches.length > 0) await this.dispose();
    return played;
  }

  async dispose(): Promise<void> {
    await this.#player?.dispose();
    this.#player = undefined;
  }
}
