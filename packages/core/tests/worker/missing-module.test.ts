import { describe, expect, test } from "vitest";
import { ofMissingModule } from "../../src/worker/missing-module.ts";

const THERE = ["file:///app/work.js", "file:///app/work.mts", "file:///app/lib.d.ts", "file:///app/plain"];

const read = (url: string) => {
  if (THERE.includes(url.replace(/[?#].*/, ""))) return "";
  throw Object.assign(new Error("none"), { code: url.includes("hidden") ? "EACCES" : "ENOENT" });
};
const failure = () => Object.assign(new TypeError("Cannot find it"), { code: "ERR_MODULE_NOT_FOUND" });
const told = (module: string) => (ofMissingModule(failure(), module, read) as Error).message;

describe("a worker module that is missing", () => {
  test.each([
    ["file:///app/work.ts", "work.js"],
    ["file:///app/work.tsx", "work.js"],
    ["file:///app/work", "work.js"],
    ["file:///app/work.mjs?version=2", "work.js"],
    ["file:///app/lib.d.js", "lib.d.ts"],
  ])("%s: %s beside it is named", (module, beside) => {
    expect(told(module)).toBe(
      `Cannot find it; there is ${beside} beside it: name that, new URL("./${beside}", import.meta.url)`,
    );
  });

  test("without one beside it, what a bundler needs is named", () => {
    expect(told("file:///app/other.ts")).toMatch(/^Cannot find it; if .* an entry of its own/);
  });

  test("keeps its class and its code; what is no error becomes one", () => {
    const error = ofMissingModule(failure(), "file:///app/work.ts", read);
    expect(error).toBeInstanceOf(TypeError);
    expect(error).toMatchObject({ code: "ERR_MODULE_NOT_FOUND" });
    const frozen = ofMissingModule(Object.freeze({ code: "X" }), "file:///app/work.ts", read);
    expect(frozen).toBeInstanceOf(Error);
    expect(frozen).toMatchObject({ code: "X" });
    expect(ofMissingModule(undefined, "file:///app/work.ts", read)).toBeInstanceOf(Error);
  });

  test.each(["file:///app/work.js", "file:///app/hidden.ts", "data:text/javascript,1", "no URL"])(
    "%s: nothing is missing, or nothing is known",
    (module) => {
      const error = failure();
      expect(ofMissingModule(error, module, read)).toBe(error);
      expect(error.message).toBe("Cannot find it");
    },
  );
});
