/**
 * The command line of a process that must not get the descriptors its host has inherited, where the runtime passes them on: a
 * shell closes all but the three streams and then becomes the program by `exec`, so that the pid stays. PURE.
 *
 * A program that can't be run is then an exit with 126 or 127 and a line on stderr, no failed start.
 */
export function closingDescriptors(file: string, args: readonly string[]): [file: string, args: string[]] {
  return ["/bin/sh", ["-c", CLOSE, "reapool", CLOSE, file, ...args]];
}

/**
 * `$1` is this script. Dash reads a number of two digits before `<&-` as an argument, so it leaves the work to bash, and
 * closes those below 10 where there is none.
 */
const CLOSE = `
script=$1
all() { set -- 10>&-; [ $# = 0 ]; }
if ! all && command -v bash >/dev/null; then
  exec bash --norc -p -c "$script" reapool "$@"
fi
for path in /proc/self/fd/* /dev/fd/*; do
  number=\${path##*/}
  case $number in
    *[!0-9]*|0|1|2) ;;
    ?) eval "exec $number<&-" ;;
    *) if all; then eval "exec $number<&-"; fi ;;
  esac
done
shift
exec "$@"
`.trim();
