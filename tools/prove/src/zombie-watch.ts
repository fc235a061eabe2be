/**
 * Repeatedly lists the children of one process, from outside, and notes how long each was dead without being reaped.
 * Owns the watching; what is too long is decided elsewhere.
 */
import { median, pause } from "@reapool/measuring/numbers";
import { childrenFinder } from "./processes.ts";

const LOOK_EVERY_MS = 1;

export interface Zombie {
  readonly name: string;
  /** From the first to the last check that saw it dead, in ms. */
  seen: number;
  /** From the last check before these to the first after them: it was dead for at most this long. In ms. */
  atMost: number;
}

export interface Watched {
  /** Children that were seen dead; most are reaped between two checks. */
  readonly zombies: readonly Zombie[];
  /** Distinct processes seen below the host, alive or dead, by name. */
  readonly names: readonly string[];
  /** Time between two checks: the median and the longest, in ms. */
  readonly interval: { readonly median: number; readonly longest: number };
}

interface Sighting {
  readonly zombie: Zombie;
  readonly first: number;
  /** The start of the last check before the first that saw it dead. */
  readonly before: number;
  isThere: boolean;
}

export class ZombieWatch {
  readonly #host: number;
  readonly #find = childrenFinder();
  readonly #sightings = new Map<string, Sighting>();
  readonly #seen = new Map<string, string>();
  readonly #intervals: number[] = [];
  #lastLook = performance.now();
  #isStopped = false;
  readonly #loop: Promise<void>;

  constructor(host: number) {
    this.#host = host;
    this.#loop = this.#watch();
  }

  async stop(): Promise<Watched> {
    this.#isStopped = true;
    await this.#loop;
    return {
      zombies: [...this.#sightings.values()].map(({ zombie }) => zombie),
      names: [...this.#seen.values()],
      interval: { median: median(this.#intervals), longest: Math.max(...this.#intervals) },
    };
  }

  async #watch(): Promise<void> {
    while (!this.#isStopped) {
      this.#look();
      await pause(LOOK_EVERY_MS);
    }
  }

  /** A check takes time too: the minimum is counted from inside the checks, the maximum from outside. */
  #look(): void {
    const begin = performance.now();
    const found = this.#find(this.#host);
    const end = performance.now();
    const before = this.#lastLook;
    this.#lastLook = begin;
    this.#intervals.push(begin - before);
    const dead = new Set<string>();
    for (const { pid, startedAt, state, name } of found) {
      const key = `${pid} ${startedAt}`;
      this.#seen.set(key, name);
      if (state !== "Z") continue;
      dead.add(key);
      const sighting = this.#sightings.get(key) ?? {
        zombie: { name, seen: 0, atMost: 0 },
        first: end,
        before,
        isThere: true,
      };
      this.#sightings.set(key, sighting);
      sighting.zombie.seen = Math.max(0, begin - sighting.first);
    }
    for (const [key, sighting] of this.#sightings) {
      if (!sighting.isThere) continue;
      sighting.zombie.atMost = end - sighting.before;
      sighting.isThere = dead.has(key);
    }
  }
}

/** The longest of them; undefined when none was seen. */
export function longest(zombies: readonly Zombie[]): Zombie | undefined {
  return zombies.reduce<Zombie | undefined>(
    (worst, zombie) => (worst === undefined || zombie.atMost > worst.atMost ? zombie : worst),
    undefined,
  );
}
