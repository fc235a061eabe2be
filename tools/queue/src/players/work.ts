/** The task of the demo. */
import { setTimeout as wait } from "node:timers/promises";
import { note } from "./note.ts";

export interface Job {
  readonly number: number;
  readonly ms: number;
  /** In a loop that answers nothing, or waiting. */
  readonly isBusy: boolean;
}

export async function work({ number, ms, isBusy }: Job): Promise<void> {
  note("start", number);
  if (isBusy) for (const end = performance.now() + ms; performance.now() < end; );
  else await wait(ms);
  note("finish", number);
}
