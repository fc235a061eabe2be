/**
 * The program of the keeper, for any POSIX `/bin/sh` (run here in dash, bash and busybox): kills the workers whose host has given
 * no sign of life for as long as their lease. Owns what the keeper does; when it runs is leases.ts, the file it reads
 * lease-table.ts.
 *
 * `$1` is the folder of the host's socket, `$2` the name of its workers' mark, `$3` the keeper's own number, `$4` the pause between
 * two looks in seconds, `$5` the same in milliseconds.
 *
 * - Its own process, in a session of its own: no computation of a worker holds it up, and what stops the host does not stop it.
 * - Silence is counted from when it has seen a change, by the time since the machine was started, which setting the clock does
 *   not change. It is never longer than the host's own, so that no worker is killed too early. Without /proc/uptime only its
 *   pauses are counted.
 * - A line counts only when it is whole: the host may be writing it.
 * - It notes whom it kills, in a file, so that the host knows when it goes on.
 * - What it has killed may stay as a zombie until the host goes on, so that the number is not given to a stranger.
 * - It leaves when the table names another keeper or none, or can't be read; and when its host is gone and no lease is left.
 */
import { ENDING_SCRIPT } from "./ending-script.ts";

export const KEEPER_SCRIPT: string = `
trap '' HUP INT QUIT TERM PIPE ALRM USR1 USR2
exec 3<"$1/leases" 4<&- 5<&- 6<&- 7<&- 8<&- 9<&- || exit
set -f
PATH=$PATH:/usr/bin:/bin
folder=$1 number=$3 step=$5
leases=/proc/self/fd/3 # the file may have been removed
[ -r "$leases" ] || leases=$folder/leases
clock=0 since=0 heard= over=' '
tell_time() {
  if read -r up _ < /proc/uptime; then clock=$((\${up%.*} * 1000 + 1\${up#*.}0 - 1000))
  else clock=$((clock + step))
  fi
} 2>/dev/null
look_at_leases() {
  wanted= held= due=
  while read -r word group value lease start end; do
    if [ "$word" = beats ]; then
      [ "$group" = "$number" ] || exit 0
      wanted=1
      [ "$value" != "$heard" ] || continue
      heard=$value since=$clock
      return
    fi
    [ "$word" = 1 ] && [ "$end" = ';' ] || continue
    case $over in *" $group:$start "*) continue ;; esac
    held=1
    [ $((clock - since)) -lt "$lease" ] || due="$due $group:$value:$start"
  done < "$leases"
} 2>/dev/null
end_cgroup_named() {
  while read -r word place _; do
    [ "$word" != cgroups ] || end_cgroup "$place/$1"
  done < "$folder/groups"
} 2>/dev/null
lapse() {
  leaders= values=
  for one in $due; do
    group=\${one%%:*} begun=\${one##*:} value=\${one#*:}
    value=\${value%:*} over="$over$group:$begun "
    begun=\${begun#-}
    echo >"$folder/lapsed-$group"
    case $value in
      -) signal KILL "$group" "$begun" ;;
      c*)
        signal KILL "$group" "$begun"
        end_cgroup_named "\${value#c}"
        ;;
      *)
        [ -n "$begun" ] || { start_of "$group"; begun=$now; } # the host could not read it
        signal STOP "$group" "$begun"
        leaders="$leaders $group:$begun:" values="$values|$value"
        ;;
    esac
  done 2>/dev/null
  [ -n "$leaders" ] || return
  kill_leaders "$leaders"
  sweep 0 "\${values#|}" "$leaders $below"
}
while :; do
  tell_time
  look_at_leases
  [ -n "$wanted" ] || exit 0
  if [ -n "$due" ]; then
${ENDING_SCRIPT}
    lapse
  elif [ -z "$held" ]; then
    kill -0 "$PPID" 2>/dev/null || exit 0
  fi
  sleep "$4" || sleep 1
done
`;
