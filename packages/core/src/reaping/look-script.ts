/**
 * How the guard finds and ends what workers have left behind, as functions for its POSIX shell (run here in dash, bash and
 * busybox). Owns what belongs to a worker; when to look is guard-script.ts and looks.ts.
 *
 * To a worker belongs what has its mark in its environment, what the host has noted below it, what is in the session or group
 * that it led; and what has its parent, its group or its session among those. A browser's processes overwrite their
 * environment, so the links find most of them; a daemon has none of the links, so its mark does.
 *
 * Never found: what says that it outlives (mark.ts), the host, the guard, PID 1, and whoever merely has a number that was theirs:
 * - a mark is a whole entry of the environment, name and value;
 * - a process that was noted is known by its start time as well (field 22 of /proc/PID/stat), and so is what is to be killed;
 * - the group or session of a leader that is gone holds only what was started in the leader's own time.
 *
 * In the second field of /proc/PID/stat a process may put what it likes, line breaks and bytes that are no text among it. Grep
 * names the file in front of each line, and the last line of a file counts, behind its last parenthesis: so nobody can speak
 * for another, nor hide.
 *
 * What was there before the first of the workers is none of theirs: its environment is not read, and when a look has found
 * nothing, the second, which makes sure, does not read it at all.
 */

/** Looks until nothing is found twice, but no more often than that: something may be stuck in the kernel. */
const MAX_LOOKS = 40;

export const LOOK_SCRIPT: string = `
YOUNG='
{
  split($0, path, "/"); pid = path[3]; line = $0
  if (!sub(/.*\\) /, "", line)) next
  split(line, field, " ")
  if (field[20] + 0 < since + 0 && pid != host) { delete table[pid]; next }
  table[pid] = pid " " field[1] " " field[2] " " field[3] " " field[4] " " field[20]
}
END {
  for (pid in table) { print table[pid]; if (pid != host) files = files " /proc/" pid "/environ" }
  print "files" files
}'

OWNED='
/^\\/proc\\/[0-9]+\\/environ:/ {
  split($0, path, "/")
  if ($0 ~ /:REAPOOL_OUTLIVES=1$/) spared[path[3]]; else marked[path[3]]
  next
}
NF == 6 {
  pid = $1
  if (pid == host) { of_host[$4]; of_host[$5] }
  if ($2 ~ /[ZX]/ || pid == 1 || pid == host || pid == guard || (pid in spared)) next
  parent[pid] = $3; group[pid] = $4; session[pid] = $5; start[pid] = $6
  next
}
{ fields = split($0, root, ":") }
fields == 3 && root[1] > 1 { since[root[1]] = root[2]; till[root[1]] = root[3] }
fields == 2 { noted[root[1]] = root[2] }
fields == 1 { spared[root[1]] }
function led(by, pid) {
  if (!(by in since) || ((by in start) && start[by] != since[by])) return 0
  return start[pid] + 0 >= since[by] + 0 && (till[by] == "" || start[pid] + 0 <= till[by] + 0)
}
function is_root(pid) {
  return (pid in marked) || ((pid in noted) && start[pid] == noted[pid]) || led(group[pid], pid) || led(session[pid], pid)
}
function take(pid) {
  owned[pid]
  if (group[pid] > 0 && !(group[pid] in of_host)) groups[group[pid]]
  if (session[pid] > 0 && !(session[pid] in of_host)) sessions[session[pid]]
}
END {
  for (pid in start) if (is_root(pid)) take(pid)
  do {
    more = 0
    for (pid in start) {
      if (pid in owned) continue
      if (!(parent[pid] in owned) && !(group[pid] in groups) && !(session[pid] in sessions)) continue
      take(pid); more = 1
    }
  } while (more)
  for (pid in owned) print pid ":" start[pid]
}'

# entries PATTERN FILES...: the entries of these environments that it is the whole of, each as "FILE:ENTRY". Not every busybox
# has -z.
entries() {
  pattern=$1
  shift
  if [ -n "$zeros" ]; then
    grep -sHazxE "$pattern" "$@" | tr '\\0' '\\n'
  else
    for path; do
      { tr '\\n\\0' '\\t\\n' < "$path" | grep -axE "$pattern" | while read -r entry; do echo "$path:$entry"; done; } 2>/dev/null
    done
  fi
}

# look SINCE VALUES ROOTS PATHS: sets $found to the living processes that belong to workers, each as "PID:START", and $young to
# the environments of those that may. SINCE is when the first of the workers was started. VALUES are those of their marks as an
# extended regular expression; none: only the links count. ROOTS are leaders ("PID:START:END", END empty or a time), noted
# processes ("PID:START") and those that are to be spared ("PID"). PATHS are the /proc/PID/stat to read.
look() {
  found= young=
  [ -n "$4" ] || return 0
  table=$(grep -sHa '' $4 </dev/null | awk -v since="$1" -v host="$host" "$YOUNG")
  young=\${table##*files}
  [ -n "$young" ] || return 0
  found=$({
    if [ -n "$mark" ] && [ -n "$2" ]; then
      entries "$mark=($2)|REAPOOL_OUTLIVES=1" $young
    fi
    echo "\${table%files*}"
    for root in $3; do echo "$root"; done
  } | awk -v host="$host" -v guard="$$" "$OWNED")
}

# unread KNOWN YOUNG NOW: those of the paths in NOW that KNOWN has not, and those of the processes in YOUNG.
unread() {
  printf '%s\\n' $1 - $2 - $3 | awk -F/ '
    $0 == "-" { list++; next }
    list == 0 { known[$3] }
    list == 1 { delete known[$3] }
    list == 2 && !($3 in known)'
}

# all: sets $paths to those of all processes.
all() {
  set +f
  set -- /proc/[0-9]*/stat
  set -f
  paths=$*
}

# each SIGNAL FOUND: sends it to each process that is still the one that was found. What may not be signalled is left alone.
each() {
  while IFS=: read -r pid began; do
    start_of "$pid"
    [ -n "$now" ] && [ "$now" = "$began" ] || continue
    kill -s "$1" "$pid" || untouchable="$untouchable $pid"
  done 2>/dev/null <<EACH
$2
EACH
}

# sweep SINCE VALUES ROOTS: ends all that belongs to those workers. Stops what it finds until a look finds nothing more, so
# that none of them replaces another, and kills it then.
sweep() {
  looks=0 empty=0 stopped= untouchable=
  while [ $empty -lt 2 ] && [ $looks -lt ${MAX_LOOKS} ]; do
    looks=$((looks + 1)) more=
    all
    known=$paths
    if [ $empty -gt 0 ]; then paths=$(unread "$seen" "$young" "$paths"); fi
    look "$1" "$2" "$3$untouchable" "$paths"
    if [ -z "$found" ]; then
      empty=$((empty + 1)) seen=$known
      continue
    fi
    empty=0
    while read -r line; do
      case "
$stopped
" in *"
$line
"*) ;; *) more=1 ;; esac
    done <<FOUND
$found
FOUND
    if [ -n "$more" ]; then
      each STOP "$found"
      stopped=$found
    else
      each KILL "$found"
      stopped=
    fi
  done
}
`;
