import { expect, test } from "vitest";
import { HeardOutput } from "../../src/pool/heard-output.ts";

test("the first call that hears output has the workers retire that the host can't hear, once", () => {
  const retired: string[] = [];
  const workers = ["a", "b", "c"].map((name) => ({
    isHeard: name === "b",
    retire: (reason: string) => void retired.push(`${name} ${reason}`),
  }));
  const output = new HeardOutput(() => workers);
  expect(output.isWanted).toBe(false);
  output.want();
  expect(output.isWanted).toBe(true);
  output.want();
  expect(retired).toEqual(["a restarted", "c restarted"]);
});
