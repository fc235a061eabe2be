/** Any map, over any source, left in any way at any moment: against what must hold whatever happens. */
import fc from "fast-check";
import { expect, test } from "vitest";
import type { Mapping } from "../../src/task/map.ts";
import { runs } from "../support/effort.ts";
import { settled } from "../support/fake-clock.ts";
import { setUp } from "../support/mapping.ts";

/** `good` gives its place, `bad` fails by itself, `none` is no argument list. */
type Item = "good" | "bad" | "none";

const item = fc.constantFrom<Item>("good", "good", "good", "bad", "none");
const programs = fc.record({
  items: fc.array(item, { maxLength: 12 }),
  /** How the source ends. */
  end: fc.constantFrom("done", "throw", "reject", "no object", "getter", "never"),
  /** What its `return` does. */
  onReturn: fc.constantFrom("nothing", "none", "throw", "reject", "never"),
  isAsync: fc.boolean(),
  ordered: fc.boolean(),
  stopOnError: fc.boolean(),
  chunk: fc.integer({ min: 1, max: 4 }),
  concurrency: fc.integer({ min: 1, max: 6 }),
  deeds: fc.array(
    fc.tuple(
      fc.constantFrom(
        "ask",
        "ask",
        "ask",
        "give",
        "give",
        "finish",
        "finish",
        "fail",
        "answer",
        "abort",
        "leave",
      ),
      fc.nat(5),
    ),
    { maxLength: 40 },
  ),
});

type Program = typeof programs extends fc.Arbitrary<infer P> ? P : never;

/** A source by the program: what is asynchronous of it comes when it is told to give. */
function sourceOf({ items, end, onReturn, isAsync }: Program) {
  const seen = { taken: 0, returns: 0, isWaiting: false, isOver: false };
  const gives: (() => void)[] = [];
  const step = () => {
    const item = items[seen.taken];
    if (item !== undefined) {
      const place = seen.taken++;
      return { done: false, value: item === "none" ? `text ${place}` : [place] };
    }
    if (end === "never") return new Promise(() => {});
    seen.isOver = true;
    if (end === "throw") throw "source";
    if (end === "reject") return Promise.reject("source");
    if (end === "no object") return 5;
    if (end === "done") return { done: true, value: undefined };
    return {
      get done() {
        throw "source";
      },
    };
  };
  const next = () => {
    expect(seen.isWaiting, "one at a time").toBe(false);
    if (!isAsync) return step();
    seen.isWaiting = true;
    return new Promise((resolve, reject) =>
      gives.push(() => {
        seen.isWaiting = false;
        try {
          resolve(step());
        } catch (error) {
          reject(error);
        }
      }),
    );
  };
  const leave = () => {
    seen.returns++;
    if (onReturn === "throw") throw "return";
    if (onReturn === "reject") return Promise.reject("return");
    return onReturn === "never" ? new Promise(() => {}) : {};
  };
  const iterator = onReturn === "none" ? { next } : { next, return: leave };
  return { seen, gives, iterable: { [isAsync ? Symbol.asyncIterator : Symbol.iterator]: () => iterator } };
}

type Told = { readonly value: unknown } | { readonly end: unknown } | { readonly error: unknown };

async function run(program: Program): Promise<void> {
  const { items, stopOnError, ordered, chunk, concurrency, deeds } = program;
  const control = new AbortController();
  const source = sourceOf(program);
  const { map, calls } = setUp(
    source.iterable,
    { ordered, stopOnError, chunk, concurrency, signal: control.signal },
    (place) => {
      if (items[place as number] === "bad") throw `bad ${place}`;
      return place;
    },
  );
  const told: Told[] = [];
  let asked = 0;
  let left = "no" as "no" | "waits" | "settled";
  const ask = () => {
    asked++;
    map.next().then(
      ({ done, value }) => told.push(done ? { end: value } : { value }),
      (error: unknown) => told.push({ error }),
    );
  };
  const leave = (mapping: Mapping) => {
    left = "waits";
    const settle = () => {
      left = "settled";
    };
    mapping.return().then(settle, settle);
  };
  let wasForced = false;
  for (const [deed, lot] of deeds) {
    const open = calls.splice(
      lot % Math.max(1, calls.length),
      deed === "finish" || deed === "fail" ? 1 : 0,
    )[0];
    if (deed === "ask" && asked - told.length < 3) ask();
    if (deed === "give") source.gives.shift()?.();
    if (deed === "finish") open?.finish();
    if (deed === "fail") {
      wasForced ||= open !== undefined;
      open?.fail("call");
    }
    if (deed === "answer" && chunk > 1) {
      const call = calls.shift();
      wasForced ||= call !== undefined;
      call?.answer([null, [], [{}], "ab"][lot % 4]);
    }
    if (deed === "abort") control.abort("aborted");
    if (deed === "leave" && left === "no") leave(map);
    await settled();
    const values = told.filter((one) => "value" in one).length;
    expect(source.seen.taken - values).toBeLessThanOrEqual(concurrency + (stopOnError ? 0 : items.length));
  }
  const isLeft = left !== "no";
  // From here on everything that can come does, and the consumer goes on to the end.
  const isDone = () => told.some((one) => "end" in one);
  for (let round = 0; round < 100 && !isDone(); round++) {
    if (asked === told.length) ask();
    for (const give of source.gives.splice(0)) give();
    for (const call of calls.splice(0)) call.finish();
    await settled();
  }
  if (!isDone()) {
    expect(program.end, "only a source that gives nothing holds a map up").toBe("never");
    if (left === "no") leave(map);
    await settled();
  }
  expect(told.length, "every next() settles").toBe(asked);
  if (left === "waits")
    expect(program.onReturn, "only a source that does not end is waited for").toBe("never");
  expect(source.seen.returns).toBeLessThanOrEqual(1);
  if (source.seen.isOver && !isLeft && !control.signal.aborted && !stopOnError)
    expect(source.seen.returns).toBe(0);
  for (const call of calls) expect(call.givenUp, "what is under way is given up").toBeDefined();
  check(program, told, { isLeft: left !== "no", isAborted: control.signal.aborted, wasForced });
}

function check(
  { items, end, ordered, stopOnError }: Program,
  told: readonly Told[],
  { isLeft, isAborted, wasForced }: { isLeft: boolean; isAborted: boolean; wasForced: boolean },
): void {
  const values = told.flatMap((one) => ("value" in one ? [one.value as number] : []));
  const errors = told.flatMap((one) => ("error" in one ? [one.error] : []));
  expect(new Set(values).size, "each once").toBe(values.length);
  expect(values.every((place) => items[place] === "good")).toBe(true);
  if (ordered) expect(values).toEqual(values.toSorted((a, b) => a - b));
  expect(errors.length, "one error").toBeLessThanOrEqual(1);
  const all = items.flatMap((one, place) => (one === "good" ? [place] : []));
  const wrong = items.filter((one) => one !== "good").length + (end === "done" || end === "never" ? 0 : 1);
  const [error] = errors;
  if (error === "aborted") expect(isAborted).toBe(true);
  else if (isLeft || isAborted || wasForced) return;
  else if (end === "never") expect(error === undefined || stopOnError).toBe(true);
  else if (wrong === 0) expect([values.toSorted((a, b) => a - b), error]).toEqual([all, undefined]);
  else if (stopOnError) expect(error).toBeDefined();
  else {
    expect(values.toSorted((a, b) => a - b)).toEqual(all);
    expect((error as AggregateError).errors).toHaveLength(wrong);
  }
}

test("any map settles every next(), gives each result once, and leaves nothing behind", async () => {
  const unhandled: unknown[] = [];
  const onUnhandled = (error: unknown) => void unhandled.push(error);
  process.on("unhandledRejection", onUnhandled);
  await fc.assert(fc.asyncProperty(programs, run), { numRuns: runs(2_000) });
  process.off("unhandledRejection", onUnhandled);
  expect(unhandled).toEqual([]);
});
