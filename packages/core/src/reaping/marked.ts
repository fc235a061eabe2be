/**
 * What the workers of this process have started and what has left them since, as /proc shows it: for the lists and checks of
 * inspect.ts and testing/leftovers.ts. Owns the register of this process's marks; what ends these processes is look-script.ts.
 *
 * The register is under a registered symbol: tests may have loaded a second copy of this package.
 */
import type { Files, ProcessInfo } from "./process-table.ts";

const KEY = Symbol.for("reapool.marks");
const place = globalThis as { [KEY]?: Set<string> };

/** From now on, workers of this process may have this mark. */
export function registerMark(name: string): void {
  place[KEY] ??= new Set();
  place[KEY].add(name);
}

/**
 * Those of them that are no descendants of this process any more: they have the mark of its workers, or their parent, group or
 * session is among `found` or among those. Never what says that it outlives.
 */
export function strayed(
  self: number,
  found: readonly ProcessInfo[],
  all: readonly ProcessInfo[],
  files: Pick<Files, "readFile">,
): ProcessInfo[] {
  const names = place[KEY];
  if (names === undefined) return [];
  const rest = all.filter(
    ({ pid }) => pid !== self && pid !== 1 && !found.some((other) => other.pid === pid),
  );
  const entries = new Map(rest.map(({ pid }) => [pid, entriesOf(files, pid)]));
  const candidates = rest.filter(({ pid }) => entries.get(pid)?.includes("REAPOOL_OUTLIVES=1") !== true);
  const isMarked = ({ pid }: ProcessInfo) =>
    entries.get(pid)?.some((entry) => names.has(entry.slice(0, Math.max(0, entry.indexOf("="))))) === true;
  const own = all.find(({ pid }) => pid === self);
  const groups = new Set<number>();
  const pids = new Set<number>();
  const take = ({ pid, group, session }: ProcessInfo) => {
    pids.add(pid);
    for (const number of [group, session])
      if (number > 1 && number !== own?.group && number !== own?.session) groups.add(number);
  };
  for (const process of found) take(process);
  const strays: ProcessInfo[] = [];
  for (let before = -1; before !== strays.length; ) {
    before = strays.length;
    for (const process of candidates) {
      if (pids.has(process.pid)) continue;
      if (
        !isMarked(process) &&
        !pids.has(process.parent) &&
        !groups.has(process.group) &&
        !groups.has(process.session)
      )
        continue;
      take(process);
      strays.push(process);
    }
  }
  return strays;
}

function entriesOf(files: Pick<Files, "readFile">, pid: number): string[] {
  const bytes = files.readFile(`/proc/${pid}/environ`);
  return bytes === undefined ? [] : new TextDecoder().decode(bytes).split("\0");
}
