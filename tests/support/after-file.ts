/**
 * Set-up file of the unit tests that start no process: nothing may be left over, as after every other test, but it is
 * looked at once for each file. To look takes 4 ms of CPU time, more than most of these 2,600 tests take themselves.
 */
import { afterAll } from "vitest";
import { assertNoLeftovers, canSeeProcesses, mark } from "./leftovers.ts";

if (canSeeProcesses) {
  mark();
  afterAll(() => assertNoLeftovers());
}
