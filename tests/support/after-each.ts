/** Set-up file of every test that may start a process: whatever it did, nothing may be left over. */
import { afterEach } from "vitest";
import { assertNoLeftovers, canSeeProcesses, mark } from "./leftovers.ts";

if (canSeeProcesses) {
  mark();
  afterEach(() => assertNoLeftovers());
}
