/**
 * `look` of look-script.ts for a shell that has no grep, awk and tr, as in images that are cut down: it reads the links alone,
 * and takes no environment. What has left its worker's session and has no living parent is not found then.
 */
export const LOOK_BY_LINKS: string = `
look() (
  set +f
  table=
  for path in /proc/[0-9]*; do
    read -r stat < "$path/stat" || continue
    pid=\${path#/proc/}
    set -- "$1" "$2" \${stat##*) }
    case $3 in Z|X) continue ;; esac
    case $pid in 1|"$host"|$$) continue ;; esac
    [ -z "\${22}" ] || table="$table$pid $4 $5 $6 \${22}
"
  done 2>/dev/null
  owned=" " leaders=" " more=1
  for root in $2; do
    case $root in
      0:*|1:*) ;;
      *:*:*) leaders="$leaders\${root%%:*} " ;;
      *:*) noted="$noted $root " ;;
    esac
  done
  while [ -n "$more" ]; do
    more=
    while read -r pid parent group session start; do
      case "$owned" in *" $pid "*) continue ;; esac
      case "$owned$leaders" in *" $parent "*|*" $group "*|*" $session "*) ;; *)
        case "$noted" in *" $pid:$start "*) ;; *) continue ;; esac ;;
      esac
      owned="$owned$pid " more=1
      echo "$pid $start"
    done <<TABLE
$table
TABLE
  done
)
`;
