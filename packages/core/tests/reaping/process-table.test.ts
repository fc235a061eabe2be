import { readdirSync, readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  type Files,
  parseResidentBytes,
  parseStat,
  readBelow,
  readProcesses,
  readStart,
  readUsage,
} from "../../src/reaping/process-table.ts";
import { type FakeEntry, fakeProc, statOf } from "../support/fake-proc.ts";

const canSeeProcesses = readdirOf("/proc")?.includes("self") === true;

/** Lines as they were read on a Linux machine. */
const LINE =
  "25075 (cat) R 25069 25060 21616 0 -1 4194304 100 0 0 0 12 34 0 0 20 0 1 0 193775 3133440 394 " +
  "18446744073709551615 94009324134400 94009324154281 140736213903504 0 0 0 0 0 0 0 0 0 17 1 0 0 0 0 0 " +
  "94009324170288 94009324171904 94009761488896 140736213912092 140736213912112 140736213912112 140736213913579 0\n";

describe("a line of /proc/PID/stat", () => {
  test("has its fields read, and the time of user and system added", () => {
    expect(parseStat(LINE)).toEqual({
      info: { pid: 25_075, parent: 25_069, group: 25_060, session: 21_616, state: "R", name: "cat" },
      ticks: 46,
      start: "193775",
    });
  });

  test.each([
    ["a space", "tmux: server"],
    ["parentheses", "(sd-pam)"],
    ["what looks like its end", "a) S 1 2 3"],
    ["a closing parenthesis at its end", "a)"],
    ["an opening one", "a (b"],
    ["a newline", "two\nlines"],
    ["nothing", ""],
    ["a slash and a colon", "kworker/0:1-ev"],
    ["letters beyond ASCII", "größe"],
  ])("may have a name with %s", (_, name) => {
    const { info, ticks } = parseStat(LINE.replace("cat", name));
    expect(info).toMatchObject({ pid: 25_075, parent: 25_069, state: "R", name });
    expect(ticks).toBe(46);
  });

  test.each(["R", "S", "D", "T", "t", "Z", "X", "I"])("tells state %s", (state) => {
    expect(parseStat(LINE.replace(") R", `) ${state}`)).info.state).toBe(state);
  });

  test("may be that of init, or of a process that no one in this namespace has started", () => {
    expect(parseStat("1 (init) S 0 0 0 0 -1 4194560 1 1 1 1 5 6 0 0 20 0 1 0 1 1 1\n").info).toEqual({
      pid: 1,
      parent: 0,
      group: 0,
      session: 0,
      state: "S",
      name: "init",
    });
  });

  test("gives back what was written, for any name and numbers", () => {
    const pid = fc.integer({ min: 0, max: 4_194_304 });
    const state = fc.constantFrom("R", "S", "D", "T", "Z");
    fc.assert(
      fc.property(
        pid,
        pid,
        pid,
        pid,
        state,
        fc.string({ maxLength: 15, unit: "grapheme" }),
        fc.nat(),
        fc.nat(),
        (...[number, parent, group, session, letter, name, user, system]) => {
          const info = { pid: number, parent, group, session, state: letter, name };
          expect(parseStat(statOf({ ...info, user, system }))).toEqual({
            info,
            ticks: user + system,
            start: "7",
          });
        },
      ),
    );
  });
});

describe("the resident memory", () => {
  test.each<[string, string, number]>([
    [
      "of a process",
      "Name:\tnode\nVmPeak:\t 1263528 kB\nVmRSS:\t   52340 kB\nRssAnon:\t   20000 kB\n",
      52_340 * 1024,
    ],
    ["of one that is called VmRSS", "Name:\tVmRSS: 5 kB\nVmRSS:\t       8 kB\n", 8 * 1024],
    ["of a zombie, which has none", "Name:\tsh\nState:\tZ (zombie)\nThreads:\t1\n", 0],
    ["of nothing", "", 0],
  ])("%s", (_, status, bytes) => {
    expect(parseResidentBytes(status)).toBe(bytes);
  });
});

describe("the processes of this machine", () => {
  const entries: FakeEntry[] = [
    { pid: 1, parent: 0, name: "init" },
    { pid: 20, parent: 1, state: "Z", name: "a b" },
  ];

  test("are those with a number for a name", () => {
    expect(readProcesses(fakeProc(() => entries))).toEqual([
      { pid: 1, parent: 0, group: 1, session: 1, state: "S", name: "init" },
      { pid: 20, parent: 1, group: 20, session: 20, state: "Z", name: "a b" },
    ]);
  });

  test.each<[string, readonly string[] | undefined]>([
    ["it is not there", undefined],
    ["it is not mounted", []],
    ["something else is in its place", ["1", "20", "notes"]],
  ])("can't be read from /proc where %s", (_, names) => {
    const readFile = () => expect.unreachable();
    expect(readProcesses({ listFolder: () => names, readFile })).toBeUndefined();
  });

  test("lack what has ended since the folder was read", () => {
    const { listFolder, readFile } = fakeProc(() => entries);
    const files: Files = {
      listFolder,
      readFile: (path) => (path.includes("/1/") ? undefined : readFile(path)),
    };
    expect(readProcesses(files)?.map(({ pid }) => pid)).toEqual([20]);
  });

  test("may all have ended", () => {
    const { listFolder } = fakeProc(() => entries);
    expect(readProcesses({ listFolder, readFile: () => undefined })).toEqual([]);
  });
});

describe("the usage of a process", () => {
  const entries: FakeEntry[] = [
    { pid: 7, user: 120, system: 3, resident: 2_048 },
    { pid: 8, state: "Z", user: 5 },
  ];

  test("is its memory in bytes and its time in milliseconds", () => {
    expect(
      readUsage(
        fakeProc(() => entries),
        7,
      ),
    ).toEqual({ memory: 2 ** 21, cpu: 1_230 });
  });

  test("of a zombie is time alone", () => {
    expect(
      readUsage(
        fakeProc(() => entries),
        8,
      ),
    ).toEqual({ memory: 0, cpu: 50 });
  });

  test("is not known of one that is gone, nor of one that goes between the two reads, nor without /proc", () => {
    const { listFolder, readFile } = fakeProc(() => entries);
    expect(readUsage({ listFolder, readFile }, 9)).toBeUndefined();
    for (const file of ["stat", "status"]) {
      const goes: Files["readFile"] = (path) => (path.endsWith(`/${file}`) ? undefined : readFile(path));
      expect(readUsage({ listFolder, readFile: goes }, 7)).toBeUndefined();
    }
    expect(readUsage({ listFolder: () => undefined, readFile: () => undefined }, 7)).toBeUndefined();
  });
});

describe("the start of a process", () => {
  test("is told as it is written, so that no digit of a long one is lost", () => {
    const files: Files = {
      listFolder: () => undefined,
      readFile: () => new TextEncoder().encode(LINE.replace("193775", "18446744073709551615")),
    };
    expect(readStart(files, 7)).toBe("18446744073709551615");
    expect(
      readStart(
        fakeProc(() => [{ pid: 7, start: 193_775, name: "a) b (c" }]),
        7,
      ),
    ).toBe("193775");
  });

  test("is empty for one that is gone, and without /proc", () => {
    expect(
      readStart(
        fakeProc(() => []),
        7,
      ),
    ).toBe("");
    expect(readStart({ listFolder: () => undefined, readFile: () => undefined }, 7)).toBe("");
  });
});

describe.skipIf(!canSeeProcesses)("the real /proc", () => {
  const files: Files = { listFolder: readdirOf, readFile: (path) => attempt(() => readFileSync(path)) };

  test("has this process in it, below its parent", () => {
    const mine = readProcesses(files)?.find(({ pid }) => pid === process.pid);
    expect(mine).toMatchObject({ pid: process.pid, parent: process.ppid });
    expect(mine?.state).toMatch(/^[RSD]$/);
  });

  test("tells its memory about as its runtime does", () => {
    const { memory = 0 } = readUsage(files, process.pid) ?? {};
    const told = process.memoryUsage().rss;
    expect(memory).toBeGreaterThan(told / 4);
    expect(memory).toBeLessThan(told * 4);
  });

  test("tells its processor time, which only grows", () => {
    const before = readUsage(files, process.pid)?.cpu ?? 0;
    expect(before).toBeGreaterThan(0);
    for (let cpu = before; cpu <= before; cpu = readUsage(files, process.pid)?.cpu ?? 0);
  });
});

function readdirOf(path: string): string[] | undefined {
  return attempt(() => readdirSync(path));
}

function attempt<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}

describe("what is below a process", () => {
  const tree = [
    { pid: 10, parent: 1, start: 1 },
    { pid: 11, parent: 10, start: 2 },
    { pid: 12, parent: 10, start: 3 },
    { pid: 13, parent: 10, start: 4 },
    { pid: 14, parent: 12, start: 5, group: 14, session: 14 },
    { pid: 15, parent: 14, start: 6 },
    { pid: 20, parent: 1, start: 7 },
  ];

  test("is all its descendants, of each thread, with their starts, the nearest first", () => {
    const found = [
      ...readBelow(
        fakeProc(() => tree),
        10,
        100,
      ),
    ];
    expect(found.map(([pid, start]) => `${pid}:${start}`).toSorted()).toEqual([
      "11:2",
      "12:3",
      "13:4",
      "14:5",
      "15:6",
    ]);
    expect(
      found
        .slice(0, 3)
        .map(([pid]) => pid)
        .toSorted(),
    ).toEqual([11, 12, 13]);
  });

  test("is no more than is asked for", () => {
    expect(
      readBelow(
        fakeProc(() => tree),
        10,
        2,
      ).size,
    ).toBe(2);
  });

  test("ends, also where a number was reused while it was read", () => {
    const circle = [
      { pid: 10, parent: 11, start: 1 },
      { pid: 11, parent: 10, start: 2 },
    ];
    expect(
      [
        ...readBelow(
          fakeProc(() => circle),
          10,
          100,
        ).keys(),
      ].toSorted(),
    ).toEqual([10, 11]);
  });

  test("is nothing where /proc can't be read", () => {
    const nothing = { readFile: () => undefined, listFolder: () => undefined };
    expect(readBelow(nothing, 10, 100).size).toBe(0);
  });
});
