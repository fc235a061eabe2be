import { expect, test } from "vitest";
import { callSafely, counted } from "../../src/call-safely.ts";
import { HostClock } from "../../src/host/host-clock.ts";

test("a reading is used again until the next microtask, and only for what asks for a recent one", async () => {
  let time = 0;
  const clock = new HostClock({ now: () => ++time });
  expect([clock.recent(), clock.recent(), clock.now(), clock.recent()]).toEqual([1, 1, 2, 2]);
  await Promise.resolve();
  expect([clock.recent(), clock.recent()]).toEqual([3, 3]);
});

test.each<[string, (code: () => void) => void]>([
  ["a listener", (code) => callSafely(code, () => {})],
  [
    "a listener that throws",
    (code) =>
      callSafely(
        () => {
          code();
          throw new Error("thrown");
        },
        () => {},
      ),
  ],
  ["a source", (code) => counted(code)],
])("no reading from before %s of the application is used again, nor from within it", (_, call) => {
  let time = 0;
  const clock = new HostClock({ now: () => time });
  expect(clock.now()).toBe(0);
  call(() => {
    time = 10;
    expect(clock.now()).toBe(10);
    time = 100;
  });
  expect(clock.recent()).toBe(100);
});
