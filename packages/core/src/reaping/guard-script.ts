/**
 * The program of the guard, for any POSIX `/bin/sh` (run here in dash, bash and busybox). Owns what the guard
 * does; when it runs is guard.ts, and the file it reads is group-table.ts.
 *
 * `$1` is the folder of the host's socket. The end of input means the end of the host, whatever the cause: the guard
 * then kills the groups in the table and removes the folder.
 *
 * A host that may not signal a group itself, because it has given up its rights since, writes `KILL GROUP START` or
 * `TERM GROUP START` to that input, and `end` in place of a signal to the guard.
 *
 * - It uses only builtins until then: nothing is forked while it waits, so it needs the memory of one shell.
 * - It opens the table at once, so that it keeps it even if something empties the temporary folder. It creates it if
 *   needed: the guard starts before the host writes it. If that fails it exits, so that the host learns of it:
 *   POSIX shells do that by themselves, but Bash under its own name would continue. It closes what the host inherited: it may
 *   be another program's pipe.
 * - A group is known by its leader's start time as well (field 22 of /proc/PID/stat): if the host dies in the
 *   moment between a worker's end and its removal from the table, a stranger with the same number is spared.
 *   A group without its leader is still killed: the number stays taken for as long as the group has members.
 * - It ignores signals that a service manager or a terminal sends to every process; it is needed most just then.
 */
export const GUARD_SCRIPT = `
trap '' HUP INT QUIT TERM PIPE ALRM USR1 USR2
exec 3<>"$1/groups" 4<&- 5<&- 6<&- 7<&- 8<&- 9<&- || exit
set -f
start_of() {
  now=
  if read -r stat < "/proc/$1/stat"; then
    set -- \${stat##*) }
    now=\${20}
  fi
} 2>/dev/null
signal() {
  case $2 in ''|*[!0-9]*|0|1) return ;; esac
  start_of "$2"
  if [ -z "$now" ] || [ -z "$3" ] || [ "$now" = "$3" ]; then
    kill -s "$1" -- "-$2" 2>/dev/null
  fi
}
while read -r name group start; do
  case $name in
    KILL|TERM) signal "$name" "$group" "$start" ;;
    end) break ;;
  esac
done
while read -r group start; do signal KILL "$group" "$start"; done <&3
command -p rm -rf -- "$1"
`;
