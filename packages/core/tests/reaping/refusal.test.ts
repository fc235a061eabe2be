import { expect, test } from "vitest";
import { isPassing } from "../../src/reaping/refusal.ts";

test.each<[unknown, boolean]>([
  [{ code: "EAGAIN" }, true],
  [Object.assign(new Error("too many open files"), { code: "EMFILE" }), true],
  [{ code: "ENFILE" }, true],
  [{ code: "ENOMEM" }, true],
  [{ code: "ENOENT" }, false],
  [new Error("EAGAIN"), false],
  ["EAGAIN", false],
  [null, false],
  [undefined, false],
])("the refusal %o passes: %s", (error, passes) => {
  expect(isPassing(error)).toBe(passes);
});
