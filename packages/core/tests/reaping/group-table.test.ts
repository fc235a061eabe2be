import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { GroupTable } from "../../src/reaping/group-table.ts";
import { FakeRuntime } from "../support/fake-runtime.ts";
import { groupLines } from "../support/group-lines.ts";

function setUp() {
  const runtime = new FakeRuntime();
  const table = new GroupTable(runtime.openFile("/groups"));
  const bytes = () => runtime.readFile("/groups") as Uint8Array;
  return { runtime, table, bytes, lines: () => groupLines(bytes()) };
}

describe("the table of groups", () => {
  test("is blank lines at first, for which the room is taken", () => {
    const { bytes, lines } = setUp();
    expect(lines()).toEqual([]);
    expect(bytes().length).toBe(128 * 32);
    expect(new TextDecoder().decode(bytes())).toMatch(/^( {31}\n){128}$/);
  });

  test("has a line for each group, with its start where that is known", () => {
    const { table, lines } = setUp();
    table.add(7, "193775");
    table.add(8, "");
    table.add(4_194_304, "18446744073709551615"); // the longest of both
    expect(lines()).toEqual(["7 193775", "8", "4194304 18446744073709551615"]);
  });

  test("loses the line of a group that is taken off, and of no other", () => {
    const { table, lines } = setUp();
    for (const group of [1_234, 123, 23]) table.add(group, "5");
    table.remove(123);
    table.remove(123);
    table.remove(99);
    expect(lines()).toEqual(["1234 5", "23 5"]);
    for (const group of [5, 6]) table.add(group, "5"); // each has a line of its own
    expect(lines().toSorted()).toEqual(["1234 5", "23 5", "5 5", "6 5"]);
  });

  test("uses a line again: it does not grow with the groups that have been", () => {
    const { table, bytes, lines } = setUp();
    for (let group = 1; group <= 10_000; group++) {
      table.add(group, "5");
      if (group > 3) table.remove(group - 3);
    }
    expect(lines().toSorted()).toEqual(["10000 5", "9998 5", "9999 5"]);
    expect(bytes().length).toBe(128 * 32);
  });

  test("grows for more groups at once than it had room for", () => {
    const { table, lines } = setUp();
    const groups = Array.from({ length: 300 }, (_, n) => 1_000 + n);
    for (const group of groups) table.add(group, "");
    expect(lines()).toEqual(groups.map(String));
    for (const group of groups.slice(0, 299)) table.remove(group);
    expect(lines()).toEqual(["1299"]);
  });

  test("is what was added and not removed, in whole lines, whatever comes and goes", () => {
    const step = fc.record({
      group: fc.oneof(fc.integer({ min: 2, max: 9 }), fc.integer({ min: 10, max: 300 })),
      isStart: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 600, size: "max" }), (steps) => {
        const { table, bytes, lines } = setUp();
        const expected = new Set<number>();
        for (const { group, isStart } of steps) {
          if (isStart && !expected.has(group)) table.add(group, `${group}0`);
          if (!isStart) table.remove(group);
          if (isStart) expected.add(group);
          else expected.delete(group);
        }
        expect(lines().toSorted()).toEqual([...expected].map((group) => `${group} ${group}0`).toSorted());
        expect(bytes().length % 32).toBe(0);
        expect(bytes().filter((byte) => byte === 0)).toHaveLength(0); // a shell may not read those
      }),
    );
  });

  test("throws where there is no room, at its start and later", () => {
    const { runtime, table, lines } = setUp();
    runtime.script.writeError = new Error("ENOSPC");
    expect(() => table.add(7, "5")).toThrow("ENOSPC");
    expect(() => new GroupTable(runtime.openFile("/other"))).toThrow("ENOSPC");
    runtime.script.writeError = undefined;
    table.add(8, "5");
    expect(lines()).toEqual(["8 5"]);
  });

  test("leaves no file open where there was no room for it", () => {
    const runtime = new FakeRuntime();
    runtime.script.writeError = new Error("ENOSPC");
    expect(() => new GroupTable(runtime.openFile("/groups"))).toThrow("ENOSPC");
    expect(runtime.openFiles.size).toBe(0);
  });

  test("loses no line by a write that fails, and writes over none that is in use", () => {
    const { runtime, table, bytes, lines } = setUp();
    const fail = () => {
      runtime.script.writeError = new Error("ENOSPC");
      for (let n = 0; n < 3; n++) expect(() => table.add(7, "5")).toThrow("ENOSPC");
      runtime.script.writeError = undefined;
    };
    const groups = Array.from({ length: 130 }, (_, n) => 1_000 + n);
    for (const group of groups) {
      if (group % 50 === 0 || group >= 1_125) fail(); // where there is room for more, and where there is none
      table.add(group, "");
    }
    expect(lines()).toEqual(groups.map(String));
    expect(bytes().length).toBe(130 * 32);
  });

  test("writes over the line of a group that could not be taken off, as soon as it writes again", () => {
    const { runtime, table, lines } = setUp();
    for (const group of [7, 8]) table.add(group, "5");
    runtime.script.writeError = new Error("EIO");
    expect(() => table.remove(7)).toThrow("EIO");
    runtime.script.writeError = undefined;
    table.remove(7); // is off already
    expect(lines()).toEqual(["7 5", "8 5"]);
    table.add(9, "5");
    expect(lines()).toEqual(["9 5", "8 5"]);
  });

  test("has the folders of cgroups on lines of their own, also in the next table", () => {
    const { runtime, table, bytes, lines } = setUp();
    const folder = `/sys/fs/cgroup/${"long/".repeat(12)}ü/reapool-x`;
    table.addCgroups(folder);
    for (let group = 1_000; group < 1_130; group++) table.add(group, "5"); // more than there was room for
    expect(lines()).toContain(`cgroups ${folder}`);
    expect(lines()).toHaveLength(131);
    expect(bytes().length % 32).toBe(0);
    const next = new GroupTable(runtime.openFile("/next"), undefined, new Map([[7, "tree 5"]]), [folder]);
    expect(groupLines(runtime.readFile("/next") as Uint8Array)).toEqual(["7 tree 5", `cgroups ${folder}`]);
    next.close();
  });

  test("closes its file, and what was written stays", () => {
    const { runtime, table, lines } = setUp();
    table.add(7, "5");
    table.close();
    expect(runtime.openFiles.size).toBe(0);
    expect(lines()).toEqual(["7 5"]);
  });
});
