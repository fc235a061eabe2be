/** A /proc in memory: the files of its processes, written from the layout in proc(5) alone. */
import type { Files, ProcessInfo } from "../../src/reaping/process-table.ts";

export interface FakeEntry extends Partial<ProcessInfo> {
  readonly pid: number;
  /** Processor time in ticks of 10 ms. */
  readonly user?: number;
  readonly system?: number;
  /** When it was started, in ticks since the machine was. */
  readonly start?: number;
  /** Resident memory in KiB; a zombie has none. */
  readonly resident?: number;
}

/** /proc as `entries` says at the moment of each read. */
export function fakeProc(entries: () => Iterable<FakeEntry>): Files {
  const find = (pid: string | undefined) => [...entries()].find((entry) => String(entry.pid) === pid);
  return {
    listFolder: (path) => {
      if (path === "/proc")
        return ["cpuinfo", "self", "sys", ...[...entries()].map(({ pid }) => String(pid))];
      const [, pid] = /^\/proc\/(\d+)\/task$/.exec(path) ?? [];
      return pid === undefined ? undefined : [pid, `${pid}9`]; // of two threads
    },
    readFile: (path) => {
      const [, above, thread] = /^\/proc\/(\d+)\/task\/(\d+)\/children$/.exec(path) ?? [];
      if (above !== undefined) {
        const children = [...entries()].filter(({ parent }) => String(parent) === above);
        const own = children.filter((_, n) => (n % 2 === 0) === (thread === above)); // each thread has its own
        return new TextEncoder().encode(own.map((child) => `${child.pid} `).join(""));
      }
      const [, pid, file] = /^\/proc\/(\d+)\/(stat|status)$/.exec(path) ?? [];
      const entry = find(pid);
      if (entry === undefined) return undefined;
      return new TextEncoder().encode(file === "stat" ? statOf(entry) : statusOf(entry));
    },
  };
}

/** The 52 fields of /proc/PID/stat. */
export function statOf(entry: FakeEntry): string {
  const { pid, name = "sleep", state = "S", parent = 1, group = pid, session = pid } = entry;
  const { user = 0, system = 0, start = 7 } = entry;
  const unread = (count: number) => new Array<number>(count).fill(7);
  const fields = [
    state,
    parent,
    group,
    session,
    ...unread(7),
    user,
    system,
    ...unread(6),
    start,
    ...unread(30),
  ];
  return `${pid} (${name}) ${fields.join(" ")}\n`;
}

function statusOf({ name = "sleep", state = "S", resident }: FakeEntry): string {
  const memory =
    resident === undefined ? "" : `VmPeak:\t  999999 kB\nVmRSS:\t  ${resident} kB\nRssAnon:\t  1 kB\n`;
  return `Name:\t${name}\nState:\t${state}\n${memory}Threads:\t1\n`;
}
