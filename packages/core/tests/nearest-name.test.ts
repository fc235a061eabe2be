import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { nearestName } from "../src/nearest-name.ts";

const KNOWN = ["minWorkers", "maxWorkers", "timeout", "queueTimeout", "env"];

describe("the nearest name", () => {
  test.each<[string, string]>([
    ["maxWorker", "maxWorkers"],
    ["maxworkers", "maxWorkers"],
    ["minWorkres", "minWorkers"],
    ["timout", "timeout"],
    ["timeOut", "timeout"],
    ["queueTimeOut", "queueTimeout"],
    ["envs", "env"],
    ["enviroment", "env"],
    ["timeoutInMs", "timeout"],
  ])("to %s is %s", (wanted, expected) => {
    expect(nearestName(wanted, KNOWN)).toBe(`; did you mean ${expected}?`);
  });

  test.each(["threads", "", "x", "minimumNumberOfWorkers", "tim", "constructor"])(
    "to %j is none",
    (wanted) => {
      expect(nearestName(wanted, KNOWN)).toBe("");
    },
  );

  test("is none among no names", () => {
    expect(nearestName("timeout", [])).toBe("");
  });

  test("is asked of anything that may stand for a name", () => {
    for (const wanted of [undefined, null, 5, Symbol("env"), {}]) expect(nearestName(wanted, KNOWN)).toBe("");
  });

  test("of any text is one of the known names or none, and leaves their list as it is", () => {
    const known = Object.freeze([...KNOWN]);
    const answers = ["", ...KNOWN.map((name) => `; did you mean ${name}?`)];
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.constantFrom(...KNOWN).map((name) => name.slice(1)),
        ),
        (wanted) => {
          expect(answers).toContain(nearestName(wanted, known));
        },
      ),
    );
  });
});
