import { expect, test } from "vitest";
import { Marks } from "../../src/reaping/mark.ts";

test("each worker of a host has a number of its own, under the host's name", () => {
  const [one, other] = [new Marks("a0"), new Marks("a1")];
  expect([one.next(), one.next(), other.next()]).toEqual([1, 2, 1]);
  expect([one.name, other.name]).toEqual(["REAPOOL_a0", "REAPOOL_a1"]);
});

test("a worker does not outlive because its host is to", () => {
  expect(new Marks("a0").variables(7)).toEqual({ REAPOOL_a0: "7", REAPOOL_OUTLIVES: "" });
});
