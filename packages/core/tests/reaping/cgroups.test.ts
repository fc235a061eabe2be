import { beforeEach, expect, test } from "vitest";
import { Cgroups } from "../../src/reaping/cgroups.ts";
import { FakeClock } from "../support/fake-clock.ts";

let clock: FakeClock;
let held: string[];
let ended: { readonly folder: string; readonly onDone: () => void }[];
let cgroups: Cgroups;

beforeEach(() => {
  clock = new FakeClock();
  held = [];
  ended = [];
  cgroups = new Cgroups(
    { startTimer: (ms, callback) => clock.startTimer(ms, callback), readFile: () => undefined },
    {
      holdCgroups: (folder) => void held.push(folder),
      endCgroup: (folder, onDone) => void ended.push({ folder, onDone }),
    },
    "id",
  );
});

/** Whether a promise has resolved by now. */
async function isOver(promise: Promise<unknown>): Promise<boolean> {
  let over = false;
  void promise.then(() => {
    over = true;
  });
  for (let i = 0; i < 5; i++) await undefined;
  return over;
}

test("the guard knows a folder before the first worker is in it, and once", () => {
  expect(cgroups.parentIn("/c")).toBe("/c/reapool-id");
  expect(cgroups.parentIn("/c")).toBe("/c/reapool-id");
  expect(cgroups.parentIn("/c/d")).toBe("/c/d/reapool-id");
  expect(held).toEqual(["/c/reapool-id", "/c/d/reapool-id"]);
});

test("who closes waits for every end that is under way, and not for longer than it takes", async () => {
  expect(await isOver(cgroups.settled())).toBe(true);
  cgroups.end("/c/reapool-id/1");
  cgroups.end("/c/reapool-id/2");
  const settled = cgroups.settled();
  ended[1]?.onDone();
  expect(await isOver(settled)).toBe(false);
  ended[0]?.onDone();
  expect(await isOver(settled)).toBe(true);
});

test("an end that never comes is waited for three seconds", async () => {
  cgroups.end("/c/reapool-id/1");
  const settled = cgroups.settled();
  await clock.advance(2_999);
  expect(await isOver(settled)).toBe(false);
  await clock.advance(1);
  expect(await isOver(settled)).toBe(true);
});

test("with the last pool its folders go, and the next one has others, which that end can't touch", async () => {
  cgroups.parentIn("/c");
  const closed = cgroups.close();
  expect(ended.map(({ folder }) => folder)).toEqual(["/c/reapool-id"]);
  expect(cgroups.parentIn("/c")).toBe("/c/reapool-id-1");
  ended[0]?.onDone();
  expect(await isOver(closed)).toBe(true);
  expect(held).toEqual(["/c/reapool-id", "/c/reapool-id-1"]);
});
