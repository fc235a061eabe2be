/** What `npm run queue` counts, from what its tasks have written down, and what it says of it. */
import { expect, test } from "vitest";
import { Random } from "../tools/measuring/src/random.ts";
import type { Comparison } from "../tools/queue/src/compare/report.ts";
import * as comparing from "../tools/queue/src/compare/report.ts";
import { drawFaults } from "../tools/queue/src/faults.ts";
import { Ledger, type Run } from "../tools/queue/src/ledger.ts";
import { isGood, type Result, toJson, toTable, toVerdict } from "../tools/queue/src/report.ts";
import type { Round } from "../tools/queue/src/round.ts";
import { type Facts, tallyOf } from "../tools/queue/src/tally.ts";

function runsOf(...lines: readonly string[]): Run[] {
  const ledger = new Ledger();
  for (const line of lines) ledger.take(`${line}\n`);
  return ledger.runs;
}

const tally = (runs: readonly Run[], more: Partial<Facts> = {}) =>
  tallyOf({ jobs: 2, runs, hostDeaths: [], workerKills: [], completed: ["1", "2"], ...more });

test("a ledger puts lines together, in whatever pieces they come", () => {
  const text = "start 1 a 10 100\nstart 2 a 11 101\nfinish 1 a 10 105\nstart 1 b 20 110\n";
  const whole = new Ledger();
  whole.take(text);
  const pieces = new Ledger();
  for (const character of text) pieces.take(character);
  expect(pieces.runs).toEqual(whole.runs);
  expect(whole.runs.map(({ job, pid, finishedAt }) => [job, pid, finishedAt])).toEqual([
    ["1", 10, 105],
    ["2", 11, undefined],
    ["1", 20, undefined],
  ]);
  expect([...whole.unfinished].map(({ pid }) => pid)).toEqual([11, 20]);
});

test.each(["finish 1 a 10 100", "start 1 a 10", "stop 1 a 10 100", "start 1 a ten 100", " "])(
  "a line that makes no sense is an error: %s",
  (line) => {
    expect(() => runsOf(line)).toThrow(/^Expected /);
  },
);

test("nothing happens twice where nothing goes wrong", () => {
  const runs = runsOf("start 1 a 10 100", "finish 1 a 10 105", "start 2 a 10 106", "finish 2 a 10 110");
  expect(tally(runs)).toEqual({
    jobs: 2,
    done: 2,
    startedTwice: 0,
    finishedTwice: 0,
    lost: 0,
    overlapped: 0,
    interrupted: 0,
    longestPause: undefined,
  });
});

test("what begins again is started twice, and finished twice only if both have ended", () => {
  const runs = [
    ...["start 1 a 10 100", "start 2 a 11 100", "finish 2 a 11 105", "start 1 b 20 200", "start 2 b 21 200"],
    ...["finish 1 b 20 210", "finish 2 b 21 210", "start 1 b 20 220"],
  ];
  expect(tally(runsOf(...runs))).toMatchObject({ done: 2, startedTwice: 2, finishedTwice: 1, overlapped: 0 });
});

test.each([
  ["the queue does not have it", ["1"], 1],
  ["the queue has nothing", [], 2],
  ["no task has ended it, whatever the queue says", ["1", "2", "3"], 0],
  ["the queue names it twice", ["1", "1"], 1],
])("a job is lost if %s", (_, completed, lost) => {
  const runs = runsOf("start 1 a 10 100", "finish 1 a 10 105", "start 2 a 10 106", "finish 2 a 10 110");
  expect(tally(runs, { completed })).toMatchObject({ lost, done: 2 - lost });
});

test("a job that the queue has as completed, though no task has ended it, is lost", () => {
  const runs = runsOf("start 1 a 10 100", "finish 1 a 10 105", "start 2 a 10 106");
  expect(tally(runs)).toMatchObject({ done: 1, lost: 1 });
});

test("two processes with one job at the same time overlap", () => {
  const one = ["start 1 a 10 100", "finish 1 a 10 300", "start 1 b 20 200", "finish 1 b 20 400"];
  expect(tally(runsOf("start 1 a 10 100", "start 1 b 20 200", "finish 1 a 10 300"))).toMatchObject({
    overlapped: 1,
  });
  expect(tally(runsOf(...one.slice(0, 1), ...one.slice(2), "finish 1 a 10 500"))).toMatchObject({
    overlapped: 1,
  });
  expect(tally(runsOf("start 1 a 10 100", "finish 1 a 10 200", "start 1 b 20 200"))).toMatchObject({
    overlapped: 0,
  });
});

test("the longest pause is that of the last job that was under way on the host", () => {
  const runs = runsOf(
    ...["start 1 a 10 100", "start 2 a 11 100", "start 3 b 20 100", "start 4 a 12 100", "finish 4 a 12 150"],
    ...["start 1 b 21 1500", "start 2 b 22 2600", "start 3 b 23 9000"],
  );
  const hostDeaths = [{ host: "a", at: 200 }];
  expect(tally(runs, { hostDeaths })).toMatchObject({ interrupted: 2, longestPause: 2_400 });
  // Its worker had been killed before: it waited for another reason.
  const workerKills = [{ pid: 11, at: 150 }];
  expect(tally(runs, { hostDeaths, workerKills })).toMatchObject({ interrupted: 1, longestPause: 1_300 });
  expect(tally(runs, { hostDeaths: [{ host: "c", at: 200 }] }).longestPause).toBeUndefined();
});

test("the same seed draws the same faults, each of them before the end", () => {
  const draw = (seed: number) => drawFaults(new Random(seed, 2));
  expect(draw(7)).toEqual(draw(7));
  expect(draw(7)).not.toEqual(draw(8));
  for (let seed = 1; seed <= 100; seed++) {
    for (const shares of Object.values<number[]>({ ...draw(seed) })) {
      expect(shares).toEqual(shares.toSorted((a, b) => a - b));
      expect(shares.every((share) => share > 0 && share < 1)).toBe(true);
    }
  }
});

const ROUND: Round = {
  ...{ jobs: 120, done: 120, startedTwice: 9, finishedTwice: 1, lost: 0, overlapped: 0, interrupted: 3 },
  ...{ longestPause: 3_140, seconds: 12.34, workerKills: 10, hostKills: 2, left: 0, failures: [] },
};
const result = (round: Round | string): Result => ({
  name: "node24",
  label: "Node 24.21.0",
  engine: "Redis 7.0.15",
  round,
});

test("the table has all of it", () => {
  const lines = toTable([
    result(ROUND),
    result({ ...ROUND, longestPause: undefined }),
    result("no reason"),
  ]).split("\n");
  const cells = (line: string | undefined) => line?.trim().split(/ {2,}/);
  expect(cells(lines.at(-3))).toEqual([
    ...["Node 24.21.0, Redis 7.0.15", "120", "120", "9", "1", "0", "0", "10", "2", "3.1 s", "12.3"],
  ]);
  expect(lines.at(-2)).toContain("none busy");
  expect(cells(lines.at(-1))).toEqual(["Node 24.21.0, Redis 7.0.15", "no reason"]);
});

test.each<[string, Round | string, boolean, string]>([
  ["all is well", ROUND, true, "✔ No job lost and no process left"],
  ["a job is lost", { ...ROUND, done: 119, lost: 1 }, false, "1 lost"],
  ["a process is left", { ...ROUND, left: 2 }, false, "2 processes left"],
  ["a job failed", { ...ROUND, failures: [{ job: "7", reason: "so" }] }, false, "job 7 failed: so"],
  ["nothing ran", "no engine", false, "no engine"],
])("the verdict when %s", (_, round, good, words) => {
  expect(isGood([result(ROUND), result(round)])).toBe(good);
  expect(toVerdict([result(ROUND), result(round)])).toContain(words);
  expect(JSON.parse(toJson([result(round)], 5))).toMatchObject({
    ok: good,
    seed: 5,
    rounds: [{ runtime: "node24" }],
  });
});

test("no result is no good one", () => {
  expect(isGood([])).toBe(false);
  expect(toVerdict([])).toBe("✘ Nothing has run");
});

const compared = (isGood: boolean): Comparison => ({
  name: "bun",
  label: "Bun 1.4.5",
  engine: "PostgreSQL 18",
  version: "6.7.0",
  rows: [
    {
      title: "Worker killed",
      sandbox: { text: "1 left | still", isGood: false },
      pool: { text: "0 left", isGood },
    },
  ],
});

test("a comparison shows both sides, and is good where the pool is", () => {
  const lines = comparing.toMarkdown([compared(true)]).split("\n");
  expect(lines[0]).toBe("BullMQ 6.7.0, Bun 1.4.5, PostgreSQL 18:");
  expect(lines.at(-1)?.replaceAll(/ +/g, " ")).toBe("| Worker killed | 1 left \\| still | 0 left |");
  expect([compared(true), compared(false)].map((one) => comparing.isGood([one]))).toEqual([true, false]);
  expect(comparing.isGood([])).toBe(false);
  expect(JSON.parse(comparing.toJson([compared(false)]))).toMatchObject({
    ok: false,
    comparisons: [{ version: "6.7.0", rows: [{ title: "Worker killed", pool: { text: "0 left" } }] }],
  });
});
