/**
 * Starts a daemon: a process that outlives the host and never becomes its zombie. It forks twice, the classic way: a
 * shell starts the daemon in the background and exits, so that init adopts it and later reaps it. The runtime reaps
 * the shell at once.
 */
import { SpawnError } from "../errors.ts";
import { messageOf } from "../message-of.ts";
import { OptionReader } from "../options/option-reader.ts";
import type { Runtime } from "../port/runtime.ts";
import { OUTLIVES } from "./mark.ts";
import { shell } from "./shell.ts";

export interface DetachedCommand {
  /** The program: a path, or a name to look up on the PATH. */
  file: string;
  /** Default: none. */
  args?: readonly string[] | undefined;
  /** Merged over the host's environment; undefined removes a variable. */
  env?: Readonly<Record<string, string | undefined>> | undefined;
  /** Its working folder. Default: the host's. */
  cwd?: string | undefined;
}

/**
 * Starts a process that outlives this one, in a session without a controlling terminal and without standard streams.
 * No pool and no guard ever kills it. As with every background job of a shell, SIGINT and SIGQUIT are ignored in it
 * unless it listens for them.
 *
 * Resolves to its pid. Rejects with a TypeError for a wrong command, and with a {@link SpawnError} when there is no
 * such program, no such folder, no permission to run it, or no `/bin/sh`. If the kernel refuses the program only
 * afterwards, as with a script whose interpreter is missing, the daemon just ends at once.
 */
export type SpawnDetached = (command: DetachedCommand) => Promise<number>;

/**
 * A background job exists even if its program does not, so the script checks that first. Without job control the
 * job's group is the shell's, whose number stays taken for as long as the daemon lives.
 *
 * The marks of workers (mark.ts) are taken out of its environment: a pool that the daemon makes would hand them to its own
 * workers, which must not end with a worker above. Only builtins, so that nothing more has to be installed.
 */
const SCRIPT = `
fail() { echo "$1" >&2; exit 126; }
if [ -n "$1" ]; then cd -- "$1" || exit; fi
shift
case $1 in
  */*) program=$1 ;;
  *) program=$(command -v -- "$1") || fail "there is no such program on the PATH" ;;
esac
case $program in */*) ;; *) fail "it is a shell builtin or keyword, not a program" ;; esac
[ -e "$program" ] || fail "there is no such file"
[ ! -d "$program" ] || fail "it is a folder"
[ -x "$program" ] || fail "this user may not run it"
shift
marks=$(
  LC_ALL=C
  export -p | while read -r _ name; do
    name=\${name#-x }
    name=\${name%%=*}
    case \${name#REAPOOL_} in "$name"|''|*[!0-9a-z]*) ;; *) echo "$name" ;; esac
  done
)
unset marks $marks
(exec "$program" "$@") </dev/null >/dev/null 2>&1 &
echo $!
`;

/** For adapters: `spawnDetached` on their runtime. */
export function spawnDetachedOn(runtime: Runtime): SpawnDetached {
  return async (command) => {
    const reader = new OptionReader("", command, ["file", "args", "env", "cwd"]);
    const file = reader.path("file");
    if (file === undefined)
      throw new TypeError("Expected `file` to be the path of a program, received undefined");
    const args = reader.strings("args") ?? [];
    const end = await shell(runtime, SCRIPT, {
      parameters: ["reapool-detach", reader.path("cwd") ?? "", file, ...args],
      env: { ...reader.environment("env"), ...OUTLIVES }, // from its first moment on, also the shell
    });
    const { exit } = end;
    const pid = Number(end.stdout);
    if (exit.code === 0 && pid > 0) return pid;
    const reason = exit.error === undefined ? end.stderr.trim() : messageOf(exit.error);
    throw new SpawnError(
      `Cannot start ${file}: ${reason === "" ? `the shell ended with ${exit.code ?? exit.signal}` : reason}`,
      {
        cause: exit.error,
      },
    );
  };
}
