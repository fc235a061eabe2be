import { expect, test } from "vitest";
import { inheritedMarks, Marks } from "../../src/reaping/mark.ts";

test("each worker of a host has a number of its own, under the host's name", () => {
  const [one, other] = [new Marks("a0"), new Marks("a1")];
  expect([one.next(), one.next(), other.next()]).toEqual([1, 2, 1]);
  expect([one.name, other.name]).toEqual(["REAPOOL_a0", "REAPOOL_a1"]);
});

test("a worker does not outlive because its host is to", () => {
  expect(new Marks("a0").variables(7)).toEqual({ REAPOOL_a0: "7", REAPOOL_OUTLIVES: "" });
});

test("the marks of outer workers are whole entries of the environment, and nothing else of ours", () => {
  const entries = [
    ...[
      "PATH=/bin",
      "REAPOOL_a0=7",
      "REAPOOL_b1c2=12",
      "A=REAPOOL_c=1",
      "REAPOOL_OUTLIVES=1",
      "REAPOOL_SOCKET=/s",
    ],
    ...["REAPOOL_d=", "REAPOOL_e=x", "REAPOOL_f=1 ", "XREAPOOL_g=1", "B=\nREAPOOL_h=1", "REAPOOL_=1", ""],
  ];
  expect(inheritedMarks(entries.join("\0"))).toEqual({ REAPOOL_a0: "7", REAPOOL_b1c2: "12" });
  expect(inheritedMarks("")).toEqual({});
});
