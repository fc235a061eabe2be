import { describe, expect, test } from "vitest";
import { COUNT, NO_PROC, resolve, runtimeWith } from "../support/options.ts";

describe("containment and its limits", () => {
  test.each<[string, unknown, string]>([
    [
      "is no such level",
      { containment: "jail" },
      'Expected `worker.containment` to be "tree", "group", "cgroup" or "pid-namespace", received "jail"',
    ],
    ...["tree", "group", "pid-namespace"].flatMap((containment) =>
      ["processes", "cpus"].map((name): [string, unknown, string] => [
        `is "${containment}", and ${name} are limited`,
        { containment, limits: { [name]: 2 } },
        `Expected \`worker.containment\` to be "cgroup" with \`worker.limits.${name}\`, which the kernel keeps for a cgroup ` +
          `alone, received "${containment}"`,
      ]),
    ),
    [
      "is a cgroup with no time at all",
      { containment: "cgroup", limits: { cpus: 0 } },
      "Expected `worker.limits.cpus` to be a number from 0.01 to Infinity, received 0",
    ],
    [
      "is a cgroup with half a process",
      { containment: "cgroup", limits: { processes: 1.5 } },
      `Expected \`worker.limits.processes\` to be ${COUNT}, received 1.5`,
    ],
    [
      "is an unknown limit",
      { limits: { cpu: 1 } },
      "Unknown option `worker.limits.cpu`: expected one of memory, processes, cpus",
    ],
  ])("are refused where it %s", (_name, worker, message) => {
    expect(() => resolve({ worker })).toThrow(message);
  });

  test.each(["cgroup", "pid-namespace"])(
    "%s is refused where /proc can't be read, with what is missing",
    (containment) => {
      const wrong = () => resolve({ worker: { containment } }, runtimeWith(4, { files: NO_PROC }));
      expect(wrong).toThrow(`Cannot contain a worker in a "${containment}"`);
      expect(wrong).toThrow("--allow-all");
    },
  );
});
