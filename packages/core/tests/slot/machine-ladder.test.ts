/** How a worker is made to go: told, SIGTERM, SIGKILL, and how long it has for each. */
import { describe, expect, test } from "vitest";
import { lastStep, step } from "../../src/slot/machine.ts";
import { EVENTS, type EventName, run, show, TIMES, WAYS } from "../support/machine-lives.ts";

describe("a worker that does not go", () => {
  test("is asked, after the killTimeout gets SIGTERM, and a second later SIGKILL", () => {
    let state = run(WAYS.ready).state;
    const shown: string[][] = [];
    for (const name of ["ask", "timeUp", "timeUp", "timeUp"] as const) {
      const next = run([name], state);
      state = next.state;
      shown.push(next.effects.map(show));
    }
    expect(shown).toEqual([
      ["askToLeave", "timer 5000"],
      ["SIGTERM", "timer 1000"],
      ["SIGKILL", "clearTimer"],
      [],
    ]);
    expect(state).toMatchObject({ phase: "killed", reason: "idle" });
  });

  test("after it closed its channel gets SIGKILL, for breaking the protocol", () => {
    const { state, effects } = run([...WAYS.ready, "channelClosed", "timeUp"]);
    expect(effects.map(show)).toEqual(["SIGKILL", "clearTimer"]);
    expect(state).toMatchObject({ phase: "killed", reason: "protocol" });
  });
});

describe("a worker in which a task did not stop in time", () => {
  const LISTENING: EventName[] = ["connected", "heard", "ready", "warmed"];

  test.each<[what: string, events: EventName[], effects: string[]]>([
    ["is killed at once where nobody listens to SIGTERM", [...WAYS.ready, "warn"], ["SIGKILL", "clearTimer"]],
    [
      "is killed at once where nobody listens any more",
      [...LISTENING, "unheard", "warn"],
      ["SIGKILL", "clearTimer"],
    ],
    ["is sent SIGTERM first where somebody listens", [...LISTENING, "warn"], ["SIGTERM", "timer 1000"]],
    ["is killed a second after that", [...LISTENING, "warn", "timeUp"], ["SIGKILL", "clearTimer"]],
    [
      "is sent SIGTERM first while it retires, too",
      [...LISTENING, "retireBusy", "warn"],
      ["SIGTERM", "timer 1000"],
    ],
    ["keeps its time when another did not stop either", [...LISTENING, "warn", "warn"], []],
    ["keeps its time when its listener is gone by then", [...LISTENING, "warn", "unheard", "warn"], []],
    ["keeps its time when the pool is terminated", [...LISTENING, "warn", "unheard", "terminate"], []],
    [
      "keeps the time it was given when the pool was terminated",
      [...LISTENING, "terminate", "unheard", "warn"],
      [],
    ],
    [
      "is killed at once when it is found to be hung",
      [...LISTENING, "warn", "kill"],
      ["SIGKILL", "clearTimer"],
    ],
  ])("%s", (_what, events, effects) => {
    expect(run(events).effects.map(show)).toEqual(effects);
  });

  test.each([
    [5_000, 1_000],
    [1_000, 1_000],
    [300, 300],
    [0, 0],
    [Number.POSITIVE_INFINITY, 1_000],
  ])("with a killTimeout of %i ms gets SIGKILL %i ms after SIGTERM", (killTimeout, ms) => {
    const [, effects] = step(run(LISTENING).state, EVENTS.warn, { ...TIMES, killTimeout });
    expect(effects).toContainEqual({ type: "setTimer", ms });
    expect(lastStep(killTimeout)).toBe(ms);
  });
});

describe("a worker that holds SIGTERM", () => {
  const READY: EventName[] = ["connected", "held", "ready", "warmed"];

  test.each<[what: string, events: EventName[], effects: string[]]>([
    ["is killed at once where it would be sent SIGTERM", [...READY, "terminate"], ["SIGKILL", "clearTimer"]],
    ["is killed when it does not leave", [...READY, "ask", "timeUp"], ["SIGKILL", "clearTimer"]],
    [
      "is sent SIGTERM while somebody else listens",
      [...READY, "heard", "terminate"],
      ["SIGTERM", "timer 5000"],
    ],
    ["is killed once nobody does", [...READY, "heard", "held", "terminate"], ["SIGKILL", "clearTimer"]],
    [
      "keeps its time when it stops to listen after SIGTERM",
      [...READY, "heard", "terminate", "held", "terminate"],
      [],
    ],
    [
      "is killed at once while it starts, where it would be asked to leave",
      ["connected", "held", "ask"],
      ["SIGKILL", "clearTimer"],
    ],
    [
      "is killed at once while it starts, where it is to retire",
      ["connected", "held", "retireIdle"],
      ["announceRetired", "SIGKILL", "clearTimer"],
    ],
    [
      "is killed once it says so, where SIGTERM came before",
      ["connected", "terminate", "held"],
      ["SIGKILL", "clearTimer"],
    ],
    ["keeps its time where it says that somebody listens", ["connected", "terminate", "heard", "held"], []],
    [
      "is given time to end by itself when it can't start",
      ["connected", "held", "startFailed"],
      ["SIGTERM", "timer 5000"],
    ],
  ])("%s", (_what, events, effects) => {
    expect(run(events).effects.map(show)).toEqual(effects);
  });
});
