/**
 * The program of the guard, for any POSIX `/bin/sh` (run here in dash, bash and busybox). Owns what the guard
 * does; when it runs is guard.ts, and the file it reads is group-table.ts.
 *
 * `$1` is the folder of the host's socket. The end of its input is the end of the host, whatever the cause: then
 * it kills the groups in the table and removes the folder.
 *
 * - Builtins alone until then: nothing is forked while it waits, so its memory is one shell's.
 * - The table is opened at once, so that it is there even if somebody empties the temporary folder. It is made if
 *   need be: the guard is started before the host writes it. Where that fails it ends, so that the host hears of it:
 *   by itself in POSIX, but Bash under its own name would go on. What the host itself inherited is closed: it may
 *   be somebody's pipe.
 * - A group is known by its leader's start time as well (field 22 of /proc/PID/stat): if the host dies in the
 *   moment between a worker's end and its removal from the table, a stranger with the same number is spared.
 *   A leader that is gone does not count: its number stays taken for as long as its group has members.
 * - It ignores what a service manager or a terminal sends to everybody; it is needed most just then.
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
while read -r line; do :; done
while read -r group start; do
  case $group in ''|*[!0-9]*|0|1) continue ;; esac
  start_of "$group"
  if [ -z "$now" ] || [ -z "$start" ] || [ "$now" = "$start" ]; then
    kill -s KILL -- "-$group" 2>/dev/null
  fi
done <&3
command -p rm -rf -- "$1"
`;
