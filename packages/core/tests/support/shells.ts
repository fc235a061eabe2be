/** The shells of this machine that a script of ours must run in. */
import { spawnSync } from "node:child_process";
import { describe, test } from "vitest";
import { canSeeProcesses } from "./real-processes.ts";

export type Shell = readonly string[];

// Bash as it is when it is called sh, and as itself. It reads the user's start-up file where its input is a socket.
export const SHELLS: readonly Shell[] = [
  ["/bin/sh"],
  ["bash", "--norc", "--posix"],
  ["bash", "--norc"],
  ["busybox", "sh"],
];

/** Declares a test. It is skipped where the shell is not installed. */
export type InShell = (title: string, body: () => Promise<void>) => void;

/** Declares the tests of each shell. Without `timeout`, each takes no longer than any test may, in ms. */
export function describeShells(
  shells: readonly Shell[],
  declare: (inShell: InShell, shell: Shell) => void,
  timeout?: number,
): void {
  const named = shells.map((shell) => [shell.join(" "), shell] as const);
  describe.skipIf(!canSeeProcesses).each(named)("in %s", (name, shell) => {
    const [file = "", ...args] = shell;
    const isMissing = spawnSync(file, [...args, "-c", "exit 0"]).status !== 0;
    const options = timeout === undefined ? {} : { timeout };
    declare((title, body) => {
      test(title, options, async ({ skip }) => {
        if (isMissing) skip(`${name} is not installed`);
        await body();
      });
    }, shell);
  });
}
