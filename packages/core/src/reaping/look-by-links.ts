/**
 * `look` of look-script.ts for a shell that has no grep, awk and tr, as in images that are cut down: it reads the links alone,
 * and takes no environment. What has left its worker's session and has no living parent is not found then.
 */
export const LOOK_BY_LINKS: string = `
# led NUMBER START: whether that was started in the time of the leader that had the number.
led() {
  case $leaders in *" $1:"*) ;; *) return 1 ;; esac
  time=\${leaders#*" $1:"}
  time=\${time%% *}
  [ "$2" -ge "\${time%:*}" ] && { [ -z "\${time#*:}" ] || [ "$2" -le "\${time#*:}" ]; }
} 2>/dev/null

unread() { echo "$3"; }

look() {
  found=$(linked "$@")
}

linked() (
  table= owned=" " groups=" " noted=" " leaders=" " of_host=" 0 " spared=" 1 $host $$ " more=1
  for root in $3; do
    case $root in
      0:*|1:*) ;;
      *:*:*)
        start_of "\${root%%:*}" # a stranger may have the number by now
        case $root in *":$now:"*) leaders="$leaders$root " ;; *) [ -n "$now" ] || leaders="$leaders$root " ;; esac
        ;;
      *:*) noted="$noted$root " ;;
      *) spared="$spared$root " ;;
    esac
  done
  for path in $4; do
    pid=\${path#/proc/}
    pid=\${pid%/stat}
    stat_of "$pid"
    set -- $stat
    if [ "$pid" = "$host" ]; then of_host="$of_host$3 $4 "; fi
    case $1 in Z|X) continue ;; esac
    case $spared in *" $pid "*) continue ;; esac
    [ -z "\${20}" ] || table="$table$pid $2 $3 $4 \${20}
"
  done
  while [ -n "$more" ]; do
    more=
    while read -r pid parent group session start; do
      case $owned in *" $pid "*) continue ;; esac
      case $owned in *" $parent "*) ;; *)
        case $groups in *" $group "*|*" $session "*) ;; *)
          case $noted in *" $pid:$start "*) ;; *)
            led "$group" "$start" || led "$session" "$start" || continue ;;
          esac ;;
        esac ;;
      esac
      for number in $group $session; do
        case $of_host in *" $number "*) ;; *) groups="$groups$number " ;; esac
      done
      owned="$owned$pid " more=1
      echo "$pid:$start"
    done <<TABLE
$table
TABLE
  done
)
`;
