/**
 * The program of the guard, for any POSIX `/bin/sh` (run here in dash, bash and busybox). Owns what the guard
 * does; when it runs is guard.ts, the file it reads is group-table.ts, and how it finds what has left a group look-script.ts.
 *
 * `$1` is the folder of the host's socket, `$2` the name of its workers' mark. The end of input means the end of the host,
 * whatever the cause: the guard then kills the groups in the table and all that their workers have left, and removes the folder.
 *
 * Until then the host may write a line to that input:
 * - `LOOK NUMBER SINCE VALUES ROOTS...` when workers have ended: it ends what they have left, and answers with `NUMBER`;
 * - `CGROUP NUMBER FOLDER` when one that had a control group has ended: it ends and removes that, and answers;
 * - `KILL GROUP START` or `TERM GROUP START`, when the host may not signal a group itself, because it has given up its rights;
 * - `end` in place of the end of its input, when a thread ends and its process goes on;
 * - `quit` when it is not needed any more, but still has lines before this one to read, or may not be signalled. It removes the
 *   folder, which the host may have no rights to. The host may have another guard by then, and other workers, which are spared.
 *
 * - It uses only builtins while it waits: nothing is forked then, so it needs the memory of one shell.
 * - It opens the table at once, so that it keeps it even if something empties the temporary folder. It creates it if
 *   needed: the guard starts before the host writes it. If that fails it exits, so that the host learns of it:
 *   POSIX shells do that by themselves, but Bash under its own name would continue. It closes what the host inherited: it may
 *   be another program's pipe.
 * - A group is known by its leader's start time as well (field 22 of /proc/PID/stat): if the host dies in the
 *   moment between a worker's end and its removal from the table, a stranger with the same number is spared.
 *   A process may have line breaks in its name, so that the last line counts.
 *   A group without its leader is still killed: the number stays taken for as long as the group has members.
 * - It stops the groups before it looks below them, for as long as the links to what is there exist. It kills them before it
 *   reads environments: that may wait for a process that is stuck in the kernel.
 * - It ignores signals that a service manager or a terminal sends to every process; it is needed most just then.
 */
import { ENDING_SCRIPT } from "./ending-script.ts";

/** What the host, or a thread of it at its end, tells the guard in one word. */
export const GuardWord = { End: "end", Quit: "quit" } as const;

export const GUARD_SCRIPT: string = `
trap '' HUP INT QUIT TERM PIPE ALRM USR1 USR2
exec 3<>"$1/groups" 4<&- 5<&- 6<&- 7<&- 8<&- 9<&- || exit
${ENDING_SCRIPT}
while read -r name first rest; do
  case $name in
    LOOK)
      since=\${rest%% *} rest=\${rest#* }
      sweep "$since" "\${rest%% *}" "\${rest#* }"
      echo "$first"
      ;;
    CGROUP)
      end_cgroup "$rest"
      echo "$first"
      ;;
    KILL|TERM) signal "$name" "$first" "$rest" ;;
    ${GuardWord.End}) break ;;
    ${GuardWord.Quit})
      command -p rm -rf -- "$1"
      exit ;;
  esac
done
host= leaders= cgroups=
while read -r group kind start; do
  if [ "$group" = cgroups ]; then
    kill_cgroup "$kind" 2>/dev/null
    cgroups="$cgroups $kind"
  fi
  case $group in ''|*[!0-9]*|0|1) continue ;; esac
  if [ "$kind" = tree ]; then
    [ -n "$start" ] || { start_of "$group"; start=$now; } # the host could not read it
    signal STOP "$group" "$start"
    leaders="$leaders $group:$start:"
  else
    signal KILL "$group" "$start"
  fi
done <&3
kill_leaders "$leaders"
for folder in $cgroups; do end_cgroup "$folder"; done
sweep 0 '[0-9]+' "$leaders $below"
command -p rm -rf -- "$1"
`;
