/** What a row of the lab is: types, and the words that several rows need. */

import type { Lab } from "./lab.ts";
import type { RuntimeName } from "./runtimes.ts";

export interface Row {
  readonly number: number;
  readonly title: string;
  /** How the zombie or the orphan arises, in two or three sentences. */
  readonly how: string;
  readonly wayOut: string;
  readonly experiments: readonly Experiment[];
}

export interface Experiment {
  /** Empty if a row has only one. */
  readonly name: string;
  /** Throws a Fault for what is not as it should be, and Unavailable for what can't be had here. */
  play(lab: Lab): Promise<Seen>;
}

/** The processes without the way out, and with it. */
export interface Seen {
  readonly without: string;
  readonly with: string;
}

/** How a process is started by each runtime itself, and how it is waited for. */
export const OWN_API: Readonly<Record<RuntimeName, { readonly start: string; readonly wait: string }>> = {
  node: { start: "child_process.spawn()", wait: "child_process.spawnSync()" },
  bun: { start: "Bun.spawn()", wait: "Bun.spawnSync()" },
  deno: { start: "new Deno.Command().spawn()", wait: "new Deno.Command().outputSync()" },
};

export function kill(pid: number): void {
  process.kill(pid, "SIGKILL");
}
