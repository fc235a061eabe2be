/**
 * What the shells of a host share, the guard and the keeper: to signal a group that is still the one that was meant, to kill
 * groups, to look for what belongs to workers and end it, to end a control group. The script's `$2` is the name of the workers'
 * mark. When to end what is guard-script.ts and keeper-script.ts.
 */
import { END_CGROUP_SCRIPT } from "../containment/cgroup-script.ts";
import { LOOK_BY_LINKS } from "./look-by-links.ts";
import { LOOK_SCRIPT } from "./look-script.ts";

export const ENDING_SCRIPT: string = `
set -f
PATH=$PATH:/usr/bin:/bin
mark=$2
host=$PPID
lacks= zeros=
LC_ALL=C # what is no text in the environment's language is matched, too
export LC_ALL
stat_of() {
  stat=
  while read -r text || [ -n "$text" ]; do stat=\${text##*) }; done < "/proc/$1/stat"
} 2>/dev/null
start_of() {
  stat_of "$1"
  set -- $stat
  now=\${20}
}
signal() {
  case $2 in ''|*[!0-9]*|0|1) return ;; esac
  start_of "$2"
  if [ -z "$now" ] || [ -z "$3" ] || [ "$now" = "$3" ]; then
    kill -s "$1" -- "-$2" 2>/dev/null
  fi
}
${LOOK_SCRIPT}
${END_CGROUP_SCRIPT}
# kill_leaders LEADERS: kills these groups, "PID:START:" each, which are stopped, and sets $below to what is linked to them: its
# links last only as long as they do.
kill_leaders() {
  all
  look 0 '' "$1" "$paths"
  below=$found
  for leader in $1; do
    begun=\${leader#*:}
    signal KILL "\${leader%%:*}" "\${begun%:}"
  done
}
for tool in grep awk tr; do
  command -v "$tool" >/dev/null || lacks=1
done
if echo zeros | grep -qz zeros; then zeros=1; fi 2>/dev/null
if [ -n "$lacks" ]; then
${LOOK_BY_LINKS}
fi
`;
