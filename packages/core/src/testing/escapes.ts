/**
 * Ways in which a process leaves the group of the worker that started it, as shell commands. `$RUN` is a shell that runs for
 * long, and names the test in its arguments; `$FOLDER` has the programs of `writeEscapes`.
 */
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** Both in the name of a program: it ends a line of /proc/PID/stat, and looks like the fields behind it. */
const FALSE_NAME = "a) S 1 1 1\n(b) R";

export interface Escape {
  readonly name: string;
  readonly script: string;
  /** What it needs besides a shell and util-linux. */
  readonly needs?: string;
  /** What started it lives for as long as the worker: it is found by that alone. */
  readonly isBelow?: boolean;
  /** How many of it get away, where it is not one. */
  readonly count?: number;
}

export const ESCAPES: readonly Escape[] = [
  { name: "setsid", script: "setsid $RUN &", isBelow: true },
  { name: "setsid -f", script: "setsid -f $RUN" },
  { name: "a group of its own", script: "timeout 600 $RUN &", isBelow: true },
  { name: "a double fork", script: "( setsid sh -c '$RUN & exit' & )" },
  { name: "a daemon", script: "( ( setsid -f setsid -f $RUN ) & )" },
  { name: "nohup", script: "nohup setsid $RUN >/dev/null 2>&1 &", isBelow: true },
  {
    name: "deafness",
    script: `setsid sh -c "trap '' TERM INT HUP QUIT PIPE ALRM USR1 USR2 CHLD CONT TSTP; $RUN" &`,
    isBelow: true,
  },
  { name: "twins that respawn each other", script: 'setsid sh "$FOLDER/twin" "$TAG" 1 &', count: 2 },
  {
    name: "a child with a cleared environment",
    script: "setsid -f sh -c 'env -i setsid $RUN & wait'",
  },
  {
    name: "a group whose leader is gone",
    script: "setsid -f sh -c 'env -i $RUN & $RUN & exit'",
    count: 2,
  },
  {
    name: "an environment that is overwritten",
    script: `setsid -f sh -c 'perl -e "\\$0 = q($TAG) . q( ) x 20000; open F, q(>$FOLDER/away-$$); sleep 600" & wait'`,
    needs: "perl",
  },
  {
    name: "a session of Python's",
    script: `python3 -c "import subprocess, sys; subprocess.Popen(sys.argv[1:], start_new_session=True)" $RUN`,
    needs: "python3",
  },
  { name: "a name that looks like another's fields", script: 'setsid -f "$FOLDER/$FALSE_NAME" "$TAG"' },
  {
    name: "a name that is no text", // Deno can't write a file of that name
    script: 'odd=$FOLDER/$(printf "\\377\\376) S"); cp "$FOLDER/$FALSE_NAME" "$odd"; setsid -f "$odd" "$TAG"',
  },
  { name: "an environment that is no text", script: `env "ODD=$(printf '\\377\\200\\na')" setsid -f $RUN` },
];

export function isInstalled(program: string): boolean {
  try {
    execFileSync(program, ["--version"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

/** What `$RUN`, `$TAG` and so on are: for the environment of the shell that runs the scripts. */
export function writeEscapes(folder: string, tag: string): Record<string, string> {
  const leaveSign = `echo > "\${0%/*}/away-$$"`; // without a variable of the environment, which may be cleared
  const forever = `${leaveSign}\nwhile :; do sleep 1; done`;
  writeFileSync(join(folder, "run"), forever);
  writeFileSync(
    join(folder, "twin"),
    `trap '' TERM INT HUP QUIT
${leaveSign}
while :; do
  if [ "$2" = 1 ] || ! kill -0 "$2" 2>/dev/null; then
    setsid sh "$0" "$1" $$ &
    set -- "$1" $!
  fi
  sleep 0.02
done
`,
  );
  writeFileSync(join(folder, FALSE_NAME), `#!/bin/sh\n${forever}\n`, { mode: 0o755 });
  return { FOLDER: folder, TAG: tag, RUN: `sh ${join(folder, "run")} ${tag}`, FALSE_NAME };
}

/** Whether all that these start is where it goes: each leaves a file when it is there. */
export function areAway(folder: string, escapes: readonly Escape[]): boolean {
  const signs = readdirSync(folder).filter((name) => name.startsWith("away-"));
  return signs.length >= escapes.reduce((sum, { count = 1 }) => sum + count, 0);
}

/** The living processes that name this in their arguments. */
export function tagged(tag: string): number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => commandOf(pid).includes(tag));
}

export function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "latin1").replaceAll("\0", " ").trim();
  } catch {
    return "";
  }
}
