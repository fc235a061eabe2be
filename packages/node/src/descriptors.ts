/**
 * The descriptors that a Node host has inherited. Node closes them in what it starts, but no further than to the first gap
 * above 15: one that lies alone, such as 25, goes along [tried, Node 24].
 */
import { accessSync, constants, readdirSync, readFileSync, statSync } from "node:fs";
import { delimiter, join, resolve } from "node:path";
import { bare, type Command, closingDescriptors } from "@reapool/core";

const CLOSED_AT_EXEC = 0o2000000;

let passesOn: boolean | undefined;

/** The command line of a process that gets none of them: nearly always as it is, as for one that can't be started. */
export function withoutDescriptors(command: Command): [file: string, args: string[]] {
  const { file, args } = command;
  passesOn ??= inheritsMore() && isExecutable("/bin/sh");
  return passesOn && isThere(bare(command)) ? closingDescriptors(file, args) : [file, [...args]];
}

/** Only Node's own start says precisely why a program can't be. */
function isThere({ file, cwd = ".", env, clearEnv }: Command): boolean {
  if (file.includes("/")) return isExecutable(resolve(cwd, file));
  const path = clearEnv || Object.hasOwn(env, "PATH") ? env.PATH : process.env.PATH;
  return (path ?? "").split(delimiter).some((folder) => isExecutable(join(resolve(cwd, folder), file)));
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

/** Everything that Node opens itself is closed at exec. */
function inheritsMore(): boolean {
  try {
    return readdirSync("/proc/self/fdinfo").some((name) => Number(name) > 2 && !isClosedAtExec(name));
  } catch {
    return false; // no /proc: not Linux, or hidden
  }
}

function isClosedAtExec(descriptor: string): boolean {
  try {
    const flags = /^flags:\s*([0-7]+)/m.exec(readFileSync(`/proc/self/fdinfo/${descriptor}`, "latin1"))?.[1];
    return (Number.parseInt(flags ?? "", 8) & CLOSED_AT_EXEC) !== 0;
  } catch {
    return true; // that of the folder itself
  }
}
