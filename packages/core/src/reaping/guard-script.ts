/**
 * The program of the guard, for any POSIX `/bin/sh` (run here in dash, bash and busybox). Owns what the guard
 * does; when it runs and what it is told is guard.ts.
 *
 * It reads lines: `+ 123` and `- 123` put the process group 123 on its list and take it off, `folder PATH` names
 * the socket's folder. At the end of its input, which is the end of the host whatever its cause, it kills what is
 * on the list and removes the folder.
 *
 * - Builtins alone until then: nothing is forked while it waits, so its memory is one shell's.
 * - A group is known by its leader's start time as well (field 22 of /proc/PID/stat): if the host dies in the
 *   moment between a worker's end and the line that takes it off, a stranger with the same number is spared.
 *   A leader that is gone does not count: its number stays taken for as long as its group has members.
 * - It ignores what a service manager or a terminal sends to everybody; it is needed most just then.
 */
export const GUARD_SCRIPT = `
trap '' HUP INT QUIT TERM PIPE ALRM USR1 USR2
set -f
groups=' '
start_of() {
  start=
  if read -r stat < "/proc/$1/stat"; then
    set -- \${stat##*) }
    start=\${20}
  fi
} 2>/dev/null
while read -r what value; do
  case $what in
    +) start_of "$value"; groups="$groups$value:$start " ;;
    -) case $groups in
         *" $value:"*) rest=\${groups#*" $value:"}; groups="\${groups%%" $value:"*} \${rest#* }" ;;
       esac ;;
    folder) folder=$value ;;
  esac
done
for group in $groups; do
  start_of "\${group%%:*}"
  if [ -z "$start" ] || [ "$start" = "\${group#*:}" ]; then
    kill -s KILL -- "-\${group%%:*}" 2>/dev/null
  fi
done
if [ -n "$folder" ]; then command -p rm -rf -- "$folder"; fi
`;
