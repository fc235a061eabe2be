/** The rows of the lab, in order. */
import type { Row } from "./row.ts";
import { blockingWait } from "./rows/blocking-wait.ts";
import { forkTwice } from "./rows/fork-twice.ts";
import { ignoredSignal } from "./rows/ignored-signal.ts";
import { leavesTheGroup } from "./rows/leaves-the-group.ts";
import { nobodyWaits } from "./rows/nobody-waits.ts";
import { parentFirst } from "./rows/parent-first.ts";
import { reaper } from "./rows/reaper.ts";

export const ROWS: readonly Row[] = [
  parentFirst,
  blockingWait,
  nobodyWaits,
  forkTwice,
  ignoredSignal,
  reaper,
  leavesTheGroup,
];
