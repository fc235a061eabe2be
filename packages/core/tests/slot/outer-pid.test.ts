import { expect, test } from "vitest";
import { outerPid } from "../../src/slot/outer-pid.ts";

/** `children` of each process, and its numbers from the reader's namespace inwards. */
function proc(processes: Record<number, { children?: string; numbers: string }>) {
  const text = (path: string): string | undefined => {
    const [, , pid, file] = path.split("/");
    const process = processes[Number(pid)];
    if (process === undefined) return undefined;
    if (file === "task") return `${process.children ?? ""} `;
    if (file === "stat") return `${pid} (x) S 1 1 1 ${"0 ".repeat(15)}77`;
    return file === "status" ? `Name:\tx\nNSpid:\t${process.numbers}\nUid:\t0\n` : undefined;
  };
  return {
    readFile: (path: string) => (text(path) === undefined ? undefined : new TextEncoder().encode(text(path))),
    listFolder: (path: string) => [path.split("/")[2] as string],
  };
}

test("it is the second process of the leader's namespace, and not one of a namespace in there", () => {
  const files = proc({
    10: { children: "11", numbers: "10" },
    11: { children: "12 15 14", numbers: "11\t1" },
    12: { children: "13", numbers: "12\t2" },
    13: { children: "16", numbers: "13\t5\t1" },
    16: { numbers: "16\t6\t2" },
    14: { numbers: "14\t9" },
    15: { numbers: "15\t22" },
  });
  expect(outerPid(files, 10)).toBe(12);
});

test("a host that is in a namespace itself reads its own numbers first", () => {
  const files = proc({
    20: { children: "21", numbers: "120\t20" },
    21: { children: "22", numbers: "121\t21\t1" },
    22: { numbers: "122\t22\t2" },
  });
  expect(outerPid(files, 20)).toBe(22);
});

test("it is unknown where it is gone, or /proc can't be read", () => {
  expect(
    outerPid(proc({ 10: { children: "11", numbers: "10" }, 11: { numbers: "11\t1" } }), 10),
  ).toBeUndefined();
  expect(outerPid({ readFile: () => undefined, listFolder: () => undefined }, 10)).toBeUndefined();
});
