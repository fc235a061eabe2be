/**
 * A browser is what leaves its worker's group, session and line of descent at once: its crash handler is a daemon, its
 * zygotes rewrite their environment. However a worker with one ends, or its host, nothing of the browser is left a second
 * later; support/browser.ts has the limit, and what it allows to a busy machine.
 *
 * Each runtime runs a choice in which each way to end and each place is there; `BROWSER_CASES=all npm test --
 * tests/browser.test.ts` runs every pair of them. Skipped where Debian's chromium is not on the PATH.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Case, End, Manner, Outcome, Place, Request } from "./fixtures/browser-host.ts";
import { findChromium, LIMIT_MS, leftOf, type Sighting, untilGone } from "./support/browser.ts";
import { type Host, programArguments, startProgram } from "./support/host.ts";
import { until } from "./support/processes.ts";

const executable = findChromium();
const isWhole = process.env.BROWSER_CASES === "all";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "browser-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));

function start(request: Omit<Request, "executable" | "folder">): Host {
  const whole: Request = { executable: executable ?? "", folder, ...request };
  return startProgram(programArguments("browser-host.ts"), {
    ...process.env,
    HOST_REQUEST: JSON.stringify(whole),
  });
}

const PLACES: readonly Place[] = ["in setup", "by a task"];
const ENDS: readonly End[] = ["killed", "timed out", "aborted", "recycled", "closed"];

/** What ends by itself: in a loop, where no handler of a library in the worker runs. */
function ends(places: (number: number) => readonly Place[]): Case[] {
  return ENDS.flatMap((end, number) =>
    places(number).map((place) => ({ end, place, manner: "loop" as const })),
  );
}

describe.skipIf(executable === undefined)("a browser of a worker", () => {
  const choice = ends((number) => (isWhole ? PLACES : [PLACES[number % 2] as Place]));

  it("is gone whole when the worker has ended, however that was", async () => {
    const host = start({ cases: choice });
    const outcomes = JSON.parse(await host.said("outcomes")) as Outcome[];
    expect((await host.ended).code).toBe(0);
    for (const [i, { seen, left, ms }] of outcomes.entries()) {
      const { end, place } = choice[i] as Case;
      const which = `${end}, with a browser made ${place}, after ${ms.toFixed()} ms`;
      expect(seen.length, which).toBeGreaterThanOrEqual(8);
      expect(left, which).toEqual([]);
      expect(ms, which).toBeLessThan(LIMIT_MS);
    }
  });

  it.each<[NodeJS.Signals, boolean]>([
    ["SIGKILL", true],
    ["SIGTERM", false],
  ])(
    "is gone whole after its host's %s, in setup and by a task, awaiting and in a loop",
    async (signal, hostLoops) => {
      const manners: readonly Manner[] = ["loop", "await"];
      const pairs = PLACES.flatMap((place) => manners.map((manner) => ({ place, manner })));
      const cases = isWhole ? pairs : pairs.filter((_, i) => i === 0 || i === 3);
      const host = start({ cases, hostLoops });
      const scenes = JSON.parse(await host.said("scenes")) as { profile: string; seen: Sighting[] }[];
      for (const { seen } of scenes) expect(seen.length).toBeGreaterThanOrEqual(8);
      process.kill(host.process.pid as number, signal);
      expect((await host.ended).signal).toBe(signal);
      const outcomes = await Promise.all(scenes.map(({ seen, profile }) => untilGone(seen, profile)));
      for (const { left, ms } of outcomes) {
        expect(left, `${signal}, after ${ms.toFixed()} ms`).toEqual([]);
        expect(ms).toBeLessThan(LIMIT_MS);
      }
    },
  );

  it('survives its worker\'s death with containment: "group", so these tests can fail', async () => {
    const cases: Case[] = [{ end: "killed", place: "in setup", manner: "loop" }];
    const host = start({ cases, patience: 1_500, worker: { containment: "group" } });
    const [{ left }] = JSON.parse(await host.said("outcomes")) as [Outcome];
    for (const { pid } of left) process.kill(pid, "SIGKILL");
    await host.ended;
    expect(left.length).toBeGreaterThanOrEqual(8);
    await until(() => leftOf(left, `${folder}/0`).length === 0);
  });
});
